//! Filters and tests.

use super::all;

#[test]
fn filters_do_what_ansible_users_expect() {
    let vars = "
list: [3, 1, 2, 1]
users: [{name: b, uid: 2}, {name: a, uid: 1}]
map: {x: 1, y: {z: 2}}
path: /etc/ssl/cert.tar.gz
";
    all(
        vars,
        &[
            ("'yes' | bool", "true"),
            ("'no' | bool", "false"),
            ("'y' | bool", "false"),
            ("2 | bool", "false"),
            ("1.0 | bool", "true"),
            ("none | bool", "false"),
            ("'12' | int", "12"),
            ("'abc' | int", "0"),
            ("'abc' | int(7)", "7"),
            ("'ff' | int(base=16)", "255"),
            ("'3.9' | int", "3"),
            ("3.9 | int", "3"),
            ("true | int", "1"),
            ("'x' | float", "0.0"),
            ("'1.5' | float", "1.5"),
            ("none | string", "\"None\""),
            ("[1, 'a', true] | string", "\"[1, 'a', True]\""),
            ("list | sort", "[1,1,2,3]"),
            ("list | unique", "[3,1,2]"),
            ("list | join('-')", "\"3-1-2-1\""),
            ("list | length", "4"),
            ("map | count", "2"),
            ("list | last", "1"),
            ("list | min", "1"),
            ("list | sum", "7"),
            ("list | reverse | list", "[1,2,1,3]"),
            ("users | map(attribute='name') | list", "[\"b\",\"a\"]"),
            ("users | map(attribute='name') | map('upper') | join", "\"BA\""),
            (
                "users | sort(attribute='uid') | map(attribute='name') | list",
                "[\"a\",\"b\"]",
            ),
            (
                "users | selectattr('uid', 'gt', 1) | map(attribute='name') | first",
                "\"b\"",
            ),
            ("users | rejectattr('name', 'equalto', 'b') | list | length", "1"),
            ("list | select('odd') | list", "[3,1,1]"),
            ("list | reject('in', [1]) | list", "[3,2]"),
            (
                "map | dict2items",
                "[{\"key\":\"x\",\"value\":1},{\"key\":\"y\",\"value\":{\"z\":2}}]",
            ),
            ("map | dict2items | items2dict == map", "true"),
            (
                "[{'n': 'a', 'v': 1}] | items2dict(key_name='n', value_name='v')",
                "{\"a\":1}",
            ),
            ("map | combine({'y': {'w': 3}})", "{\"x\":1,\"y\":{\"w\":3}}"),
            (
                "map | combine({'y': {'w': 3}}, recursive=true)",
                "{\"x\":1,\"y\":{\"z\":2,\"w\":3}}",
            ),
            (
                "{'l': [1, 2]} | combine({'l': [2, 3]}, list_merge='append_rp')",
                "{\"l\":[1,2,3]}",
            ),
            ("[{'a': 1}, {'b': 2}] | combine", "{\"a\":1,\"b\":2}"),
            ("[[1, [2]], 3, none] | flatten", "[1,2,3]"),
            ("[[1, [2]], 3] | flatten(levels=1)", "[1,[2],3]"),
            ("true | ternary('a', 'b')", "\"a\""),
            ("none | ternary('a', 'b', 'c')", "\"c\""),
            (
                "{'b': 1, 'a': [1, 'é']} | to_json",
                "\"{\\\"b\\\": 1, \\\"a\\\": [1, \\\"\\\\u00e9\\\"]}\"",
            ),
            (
                "{'b': 1, 'a': []} | to_nice_json",
                "\"{\\n    \\\"a\\\": [],\\n    \\\"b\\\": 1\\n}\"",
            ),
            ("'{\"a\": [1]}' | from_json", "{\"a\":[1]}"),
            (
                "{'b': [1, 2], 'a': {'c': 'yes'}} | to_yaml",
                "\"a: {c: 'yes'}\\nb: [1, 2]\\n\"",
            ),
            (
                "{'b': [1, {'x': 2, 'y': [3]}], 'a': {'c': '12'}} | to_nice_yaml",
                "\"a:\\n    c: '12'\\nb:\\n- 1\\n-   x: 2\\n    y:\\n    - 3\\n\"",
            ),
            ("'a: [1, yes]' | from_yaml", "{\"a\":[1,true]}"),
            ("'hello' | b64encode", "\"aGVsbG8=\""),
            ("'aGVsbG8=' | b64decode", "\"hello\""),
            (
                "'cert-01' | regex_replace('(\\\\w+)-(\\\\d+)', '\\\\2_\\\\g<1>')",
                "\"01_cert\"",
            ),
            ("'aXbX' | regex_replace('x', '', ignorecase=true)", "\"ab\""),
            ("'aaa' | regex_replace('a', 'b', count=2)", "\"bba\""),
            (
                "'CN=fin-a,O=x' | regex_search('CN=([^,]+)', '\\\\1')",
                "[\"fin-a\"]",
            ),
            ("'abc' | regex_search('x') is none", "true"),
            ("'a1b22' | regex_findall('\\\\d+')", "[\"1\",\"22\"]"),
            ("'foobar' | regex_search('foo(?=bar)')", "\"foo\""),
            ("'a.b*' | regex_escape", "\"a\\\\.b\\\\*\""),
            ("path | basename", "\"cert.tar.gz\""),
            ("path | dirname", "\"/etc/ssl\""),
            ("path | splitext", "[\"/etc/ssl/cert.tar\",\".gz\"]"),
            ("'.bashrc' | splitext", "[\".bashrc\",\"\"]"),
            ("['/a', 'b', 'c'] | path_join", "\"/a/b/c\""),
            ("'C:\\\\x\\\\y.txt' | win_basename", "\"y.txt\""),
            ("\"it's\" | quote", "\"'it'\\\"'\\\"'s'\""),
            ("'' | quote", "\"''\""),
            ("' a  b ' | split", "[\"a\",\"b\"]"),
            ("'a,b,c' | split(',')", "[\"a\",\"b\",\"c\"]"),
            ("[1, 2] | union([2, 3])", "[1,2,3]"),
            ("[1, 2, 2] | intersect([2])", "[2]"),
            ("[1, 2] | difference([2])", "[1]"),
            ("[1, 2] | zip(['a', 'b', 'c']) | list", "[[1,\"a\"],[2,\"b\"]]"),
            ("1.0 | type_debug", "\"float\""),
            (
                "'x' | hash('sha256')",
                "\"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881\"",
            ),
            ("'x' | hash('md5')", "\"9dd4e461268c8034f5c8564e155c67a6\""),
            ("'x' | sha1", "\"11f6ad8ec52a2984abaafd7c3b516503785c2072\""),
            ("'Ab' | lower ~ 'Ab' | upper", "\"abAB\""),
            ("' x ' | trim", "\"x\""),
            ("'aaa' | replace('a', 'b', 1)", "\"baa\""),
            ("'x' | ansible.builtin.upper", "\"X\""),
            ("'a' in map", "false"),
            ("'x' in map", "true"),
            ("map.items() | list | first", "[\"x\",1]"),
            ("map.get('q', 5)", "5"),
            ("map.get('q') is none", "true"),
            ("'a b'.split()", "[\"a\",\"b\"]"),
            ("'5'.zfill(3)", "\"005\""),
            ("range(3) | list", "[0,1,2]"),
            ("list[1:3]", "[1,2]"),
            ("dict([['a', 1]])", "{\"a\":1}"),
            ("[1] + [2]", "[1,2]"),
            ("9 // 2 * 2 ** 3 % 5", "2"),
            ("1 < 2 < 3", "true"),
            ("lookup('env', 'HOME')", "\"/home/me\""),
            ("lookup('env', 'NOSUCH', default='d')", "\"d\""),
            ("query('env', 'HOME', 'NOSUCH')", "[\"/home/me\",\"\"]"),
            ("lookup('vars', 'nosuch', default=3)", "3"),
            ("lookup('file', '/nosuch', errors='ignore')", "null"),
            ("'x' | nosuch", "! there is no filter `nosuch`"),
            ("'x' | upper(1)", "! there are too many arguments here"),
            ("'x' | trim(colour='red')", "! there is no argument `colour` here"),
        ],
    );
}

#[test]
fn tests_do_what_ansible_users_expect() {
    let vars = "{r: {changed: true, failed: false, rc: 0}, s: {skipped: true, changed: false}, map: {a: 1}}";
    all(
        vars,
        &[
            ("r is changed and r is succeeded and r is not failed", "true"),
            ("s is skipped and s is success and s is not changed", "true"),
            (
                "3 is changed",
                "! the 'changed' test expects the result of a task, not 'int'",
            ),
            ("'12.6.2' is version('12.5', '>=')", "true"),
            ("'12.6(2)ES1' is version('12.6(2)', 'gt')", "true"),
            ("'1.0rc1' is version('1.0.1', '<')", "true"),
            (
                "'1' is version('2', 'near')",
                "! `near` compares no versions; use ==, !=, <, <=, > or >=",
            ),
            ("'fin-a' is match('fin')", "true"),
            ("'a-fin' is match('fin')", "false"),
            ("'a-FIN' is search('fin', ignorecase=true)", "true"),
            (
                "'text' is string and 'text' is sequence and [] is sequence and map is mapping",
                "true",
            ),
            (
                "1 is number and 1.5 is float and 1 is integer and true is boolean and none is none",
                "true",
            ),
            ("1 is sameas 1 and not (1 is sameas true)", "true"),
            (
                "2 is in [1, 2] and [1] is subset([1, 2]) and [1, 2] is superset([1])",
                "true",
            ),
            ("[1, 2] is contains(2)", "true"),
            ("[true, false] is any and not ([true, false] is all)", "true"),
            ("'yes' is truthy(convert_bool=true) and '' is falsy", "true"),
            ("3 is odd and 4 is even and 9 is divisibleby(3)", "true"),
            (
                "1 is eq(1) and 1 is lt(2) and 'a' is ne('b') and 2 is ge 2",
                "true",
            ),
        ],
    );
}

#[test]
fn what_is_encrypted_with_a_password_is_opened_with_it() {
    all(
        "users: [{name: a, uid: 1}, {name: b, uid: 2}]",
        &[
            ("('hello' | vault('pw')) is vault_encrypted", "true"),
            ("('hello' | vault('pw') | unvault('pw')) == 'hello'", "true"),
            ("'plain' | unvault('pw')", "\"plain\""),
            (
                "users | rekey_on_member('name') | dict2items | map(attribute='value.uid')",
                "[1,2]",
            ),
            (
                "'secret' | password_hash('sha512', 'abcdefgh', rounds=5000) is match('[$]6[$]abcdefgh[$].{86}$')",
                "true",
            ),
            ("{'a': [{'b': 1}, {'b': 2}]} | json_query('a[].b')", "[1,2]"),
            ("'10.1.2.3/24' | ipaddr('network')", "\"10.1.2.0\""),
            ("['10.0.0.1', 'x', 'fe80::1'] | ipv4", "[\"10.0.0.1\"]"),
            ("'fe80::1' | ipwrap", "\"[fe80::1]\""),
            ("'10.0.0.0/8' | nthhost(305)", "\"10.0.1.49\""),
        ],
    );
}

#[test]
fn formats_and_urls_are_read_as_python_reads_them() {
    all(
        "{}",
        &[
            ("'%-05d|' % 7", "\"7    |\""),
            ("'%05d|' % -7", "\"-0007|\""),
            ("'%-5s|' % 'a'", "\"a    |\""),
            ("'a%+1b' | urldecode", "\"a% 1b\""),
            ("'%C3%BC%2' | urldecode", "\"ü%2\""),
            ("'--5' | string", "\"--5\""),
            ("query('sequence', 'end=--5')", "! can't parse `--5` as integer"),
            (
                "query('sequence', start='9223372036854775807', count=2)",
                "! a number of this sequence is too large",
            ),
            ("7 // -2", "-4"),
            (
                "(-170141183460469231731687303715884105727 - 1) // -1",
                "! this number is too large",
            ),
            ("(-170141183460469231731687303715884105727 - 1) % -1", "0"),
        ],
    );
}

#[test]
fn addresses_in_a_text_become_links() {
    all(
        "{}",
        &[
            (
                "'see (https://a.example/x?y=1) and www.b.example.' | urlize",
                r#""see (<a href=\"https://a.example/x?y=1\" rel=\"noopener\">https://a.example/x?y=1</a>) and <a href=\"https://www.b.example\" rel=\"noopener\">www.b.example</a>.""#,
            ),
            (
                "'a@b.example, <http://10.0.0.1:8443/>' | urlize(8, target='_blank')",
                r#""<a href=\"mailto:a@b.example\">a@b.example</a>, &lt;<a href=\"http://10.0.0.1:8443/\" rel=\"noopener\" target=\"_blank\">http://1...</a>&gt;""#,
            ),
            (
                "'https://w.example/a_(b) nothing.here x.org xy.org' | urlize(nofollow=true)",
                r#""<a href=\"https://w.example/a_(b)\" rel=\"nofollow noopener\">https://w.example/a_(b)</a> nothing.here x.org <a href=\"https://xy.org\" rel=\"nofollow noopener\">xy.org</a>""#,
            ),
            (
                "'ftp://f.example ftp:' | urlize(extra_schemes=['ftp:'])",
                r#""<a href=\"ftp://f.example\" rel=\"noopener\">ftp://f.example</a> ftp:""#,
            ),
        ],
    );
}

#[test]
fn what_would_make_too_much_is_refused() {
    all(
        "{}",
        &[
            ("[1] | slice(99999999999)", "! this makes too much"),
            ("[1] | batch(99999999999, 0)", "! this makes too much"),
            (
                "[1] | batch(linecount=99999999999, fill_with=0)",
                "! this makes too much",
            ),
            ("[1] | batch(99999999999)", "[[1]]"),
            ("'a' | indent(99999999999)", "! this makes too much text"),
            ("'a' | indent(width=99999999999)", "! this makes too much text"),
            ("('a\n' * 5000) | indent(5000)", "! this makes too much text"),
            ("[1, 2, 3, 4] | batch(3, 200000)", "[[1,2,3],[4,200000,200000]]"),
        ],
    );
}

/// What Jinja itself makes of these.
#[test]
fn lists_are_cut_and_texts_indented_as_jinja_does() {
    all(
        "{}",
        &[
            ("'a\nb\n\nc\n' | indent(2)", r#""a\n  b\n\n  c\n""#),
            ("'a\nb\n\nc\n' | indent(2, true)", r#""  a\n  b\n\n  c\n""#),
            (
                "'a\nb\n\nc\n' | indent(2, blank=true)",
                r#""a\n  b\n  \n  c\n  ""#,
            ),
            ("'a\nb\n\nc' | indent('> ', true, true)", r#""> a\n> b\n> \n> c""#),
            ("'a\r\nb' | indent", r#""a\n    b""#),
            ("'' | indent(2, true)", r#""  ""#),
            ("'a' | indent([])", "! `width` takes a whole number or a text"),
            ("range(1, 8) | slice(3)", "[[1,2,3],[4,5],[6,7]]"),
            ("range(1, 8) | slice(3, 0)", "[[1,2,3],[4,5,0],[6,7,0]]"),
            ("range(1, 7) | slice(3, 0)", "[[1,2,0],[3,4,0],[5,6,0]]"),
            ("[1, 2] | slice(4, 0)", "[[1],[2],[0],[0]]"),
            ("[1, 2] | slice(4)", "[[1],[2],[],[]]"),
            ("[] | slice(2, fill_with=0)", "[[0],[0]]"),
            ("[1] | slice(0)", "! `slices` takes a number from 1"),
            ("[1, 2, 3] | batch(2)", "[[1,2],[3]]"),
            ("[1, 2, 3] | batch(linecount=2, fill_with=0)", "[[1,2],[3,0]]"),
            ("[1, 2] | batch(2, 0)", "[[1,2]]"),
            ("[] | batch(2, 0)", "[]"),
        ],
    );
}
