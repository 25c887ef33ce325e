#!/bin/sh
cat <<'X'
{"web": {"hosts": ["s1", "s2"], "vars": {"v": 1}}, "db": ["s3"],
 "_meta": {"hostvars": {"s3": {"v": 2}, "s1": {"ansible_connection": "local"}}}}
X
