#!/usr/bin/env python3
"""Records what ansible-playbook does with each case, for the tests to compare ours with.

Needs ansible-core 2.19 (PyPI), on PATH or named by --ansible; the tests themselves need
nothing of it. Without names every case is recorded anew; with names, only the cases whose
path holds one of them. --missing records only cases that have no recording yet.

    tests/ansible/record.py --ansible venv/bin/ansible-playbook loops/ tags/never
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
CASES = HERE / "cases"
LIMIT = 120  # seconds for one case

# Where an entry of the error stream begins; the lines after it are its continuation.
ENTRY = re.compile(r"^\[(WARNING|ERROR|DEPRECATION WARNING)\]: *(.*)$|^(ERROR!|usage:|ansible-playbook: error:) *(.*)$")


def masks():
    """The rules of masks.txt, which the tests apply to our output, too."""
    for line in (HERE / "masks.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            pattern, by = line.split("\t")
            yield re.compile(pattern), by.replace("$", "\\")


def masked(text, place):
    text = text.replace(str(place), "[PLACE]")
    for pattern, by in masks():
        text = pattern.sub(by, text)
    return text


def header(case):
    """The `# key: value` lines at the head of a case."""
    found = {}
    for line in case.read_text().splitlines():
        if not line.startswith("#"):
            break
        key, _, value = line[1:].partition(":")
        found[key.strip()] = value.strip()
    return found


def lay_out(case, place):
    """The folder a case runs in: the shared inventory, its own folder over it, the playbook
    without its marks, which must not move the lines."""
    shutil.copy(HERE / "hosts.yml", place / "hosts.yml")
    own = case.with_suffix("")
    if own.is_dir():
        shutil.copytree(own, place, dirs_exist_ok=True, symlinks=True)
    marks = re.compile(r"^# (differs|not-yet):.*\n", re.MULTILINE)
    (place / case.name).write_text(marks.sub("", case.read_text()))
    (place / "home").mkdir()


def environment(place, words):
    kept = {"PATH": os.environ["PATH"], "HOME": str(place / "home"), "USER": "engineer", "TZ": "UTC",
            "LC_ALL": "C.UTF-8", "COLUMNS": "80", "ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORCE_COLOR": "0",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable, "ANSIBLE_DEPRECATION_WARNINGS": "0"}
    kept.update(word.split("=", 1) for word in words)
    return kept


def said(stderr):
    """The first words of each warning and error: enough to see that there is one, and which."""
    for line in stderr.splitlines():
        found = ENTRY.match(line)
        if found:
            kind, text = (found[1], found[2]) if found[1] else (found[3].rstrip(":!"), found[4])
            yield f"{kind}: {' '.join(text.split()[:5])}".rstrip()


def record(ansible, version, case):
    head = header(case)
    with tempfile.TemporaryDirectory(prefix="case-") as folder:
        place = pathlib.Path(folder).resolve()
        lay_out(case, place)
        words = shlex.split(head.get("args", ""))
        if "-i" not in words:
            words = [*words, "-i", "hosts.yml"]
        if "-f" not in words:
            words = [*words, "-f", "1"]
        done = subprocess.run(
            [str(ansible), case.name, *words], cwd=place, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=LIMIT, env=environment(place, shlex.split(head.get("env", ""))))
        text = [f"{version}", f"exit {done.returncode}", *said(masked(done.stderr, place)), "---",
                masked(done.stdout, place)]
    case.with_suffix(".expected").write_text("\n".join(text))
    return f"{case.relative_to(CASES)}: exit {done.returncode}"


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--ansible", default="ansible-playbook")
    options.add_argument("--missing", action="store_true")
    options.add_argument("names", nargs="*")
    options = options.parse_args()
    ansible = shutil.which(options.ansible)
    if not ansible:
        sys.exit(f"no {options.ansible} found: pip install ansible-core==2.19.*")
    ansible = pathlib.Path(ansible).absolute()
    told = subprocess.run([ansible, "--version"], capture_output=True, text=True, check=True).stdout
    version = "ansible-core " + re.search(r"\[core ([^\]]+)\]", told)[1]
    cases = [case for case in sorted(CASES.glob("*/*.yml"))
             if (not options.names or any(name in str(case) for name in options.names))
             and not (options.missing and case.with_suffix(".expected").exists())]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for line in pool.map(lambda case: record(ansible, version, case), cases):
            print(line, flush=True)


if __name__ == "__main__":
    main()
