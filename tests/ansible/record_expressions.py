"""Records what ansible-core answers to the expressions of expressions.txt.

Run it with the Python of an ansible-core: `python record_expressions.py`. It writes expressions.json;
the test that compares needs nothing but that file.
"""

import json
import os
import re

from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.release import __version__
from ansible.template import Templar, trust_as_template

HERE = os.path.dirname(os.path.abspath(__file__))


def trusted(value):
    """Text of the variables file may be a template."""
    if isinstance(value, str):
        return trust_as_template(value)
    if isinstance(value, list):
        return [trusted(item) for item in value]
    if isinstance(value, dict):
        return {key: trusted(item) for key, item in value.items()}
    return value


def read(path):
    """The lines of expressions.txt with the marks that follow them."""
    found = []
    with open(path, encoding='utf-8') as lines:
        for line in lines.read().splitlines():
            if not line.strip() or line.startswith('#'):
                continue
            if line.startswith('!! '):
                reason, _, ours = line[3:].rpartition(' => ')
                found[-1]['differs'] = reason
                found[-1]['ours'] = ours
            elif line.startswith('%% '):
                found.append({'template': line[3:].replace('\\n', '\n')})
            else:
                found.append({'template': '{{ ' + line + ' }}', 'text': True})
    return found


def first_words(error):
    """The innermost sentence of an error."""
    while error.__cause__ is not None:
        error = error.__cause__
    line = str(error).splitlines()[0] if str(error) else type(error).__name__
    line = line.replace(HERE, '.')
    return re.sub(r'^(Error rendering template|Finalization of task args .*?|Syntax error in template): ', '', line)


def answer(templar, template):
    try:
        value = templar.template(trust_as_template(template))
        json.dumps(value, allow_nan=False)
    except Exception as error:
        return {'error': first_words(error)}
    return {'value': value}


def main():
    os.environ.pop('NOSUCH_VARIABLE', None)
    loader = DataLoader()
    loader.set_basedir(HERE)
    variables = trusted(loader.load_from_file(os.path.join(HERE, 'expressions.vars.yml')))
    folder = os.path.join(HERE, 'expressions.files')
    variables.update(playbook_dir=folder, role_path=folder, ansible_search_path=[folder])
    init_plugin_loader()
    loader.set_basedir(folder)
    os.chdir(folder)
    records = []
    for record in read(os.path.join(HERE, 'expressions.txt')):
        record.update(answer(Templar(loader=loader, variables=dict(variables)), record['template']))
        if record.pop('text', False) and 'value' in record:
            text = answer(Templar(loader=loader, variables=dict(variables)), '<' + record['template'] + '>')
            record['text'] = text.get('value')
        records.append(record)
    with open(os.path.join(HERE, 'expressions.json'), 'w', encoding='utf-8') as out:
        lines = ',\n'.join(json.dumps(record, ensure_ascii=False) for record in records)
        out.write('{"ansible": %s, "records": [\n%s\n]}\n' % (json.dumps(__version__), lines))
    print(len(records), 'expressions')


if __name__ == '__main__':
    main()
