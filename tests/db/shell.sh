#!/bin/bash
# receptionai-sql: finds the right file, makes none by accident, sets what keeps the file safe.
# shellcheck source-path=SCRIPTDIR
. "${srcdir:=.}/tests/lib.sh"
export RECEPTIONAI_SCHEMA=$srcdir/db/schema.sql
unset RECEPTIONAI_DB RECEPTIONAI_CONF
db=$work/r.db
sql() { "$builddir/receptionai-sql" "$@" 2>&1; }
code() { "$builddir/receptionai-sql" "$@" >/dev/null 2>&1 </dev/null && echo 0 || echo $?; }

has "a file that is not there is not made" "$(sql --db "$db" 'SELECT 1')" "there is no database; receptionai-sql --create makes one"
ok "really not" test ! -e "$db"
is "that is exit code 1" "$(code --db "$db" 'SELECT 1')" 1
ok "--create makes it" sql --db "$db" --create
cp "$db" "$work/copy.db"
has "but never over another file" "$(sql --db "$db" --create)" "there is a file already; nothing was changed"
ok "which stays as it was" cmp "$db" "$work/copy.db"
has "a folder that is not there is named" "$(sql --db "$work/no/r.db" --create)" "$work/no: there is no such folder"
sqlite3 "$work/other.db" 'CREATE TABLE recipes(name)'
has "somebody else's database is refused" "$(sql --db "$work/other.db" 'SELECT 1')" "this is not a ReceptionAI database"
echo 'dear diary, today I wrote something that is no database' >"$work/letter"
is "so is any other file" "$(code --db "$work/letter" 'SELECT 1')" 1

insert="INSERT INTO merchants(name, phone_number) VALUES('Bella''s', '+15550100')"
is "SQL as an argument runs" "$(sql --db="$db" "$insert; SELECT id, name FROM merchants")" "1|Bella's"
is "SQL from standard input runs" "$(echo 'SELECT name FROM merchants;' | sql -d "$db")" "Bella's"
is "an error in a script stops it" "$(printf '%s;\n' "$insert" 'SELECT 5' | sql -d "$db" | grep -c '^5$')" 0
is "--json prints JSON" "$(sql -d "$db" --json 'SELECT id FROM merchants')" '[{"id":1}]'
is "--header --csv prints names" "$(sql -d "$db" --header --csv 'SELECT id FROM merchants' | tr -d '\r')" $'id\n1'
sqlite3 "$work/old.db" <"$srcdir/tests/db/version_3.sql"
has "an older database is told" "$(sql -d "$work/old.db" 'SELECT count(*) FROM merchants')" \
    "this database has version 3, and becomes $(sed -n 's/^PRAGMA user_version = \(.*\);/\1/p' "$srcdir/db/schema.sql") as soon as"
is "and can be used" "$(sql -d "$work/old.db" 'SELECT count(*) FROM merchants' 2>&1 | tail -n 1)" 0
has "a terminal gets a box" "$(script -qec "'$builddir/receptionai-sql' -d '$db' 'SELECT id FROM merchants'" /dev/null)" "│ id │"
has "--readonly changes nothing" "$(sql -d "$db" -r 'DELETE FROM merchants')" "attempt to write a readonly database"
is "foreign keys hold" "$(sql -d "$db" 'PRAGMA foreign_keys')" 1
is "the log is left alone" "$(sql -d "$db" 'PRAGMA wal_autocheckpoint')" 0
is "commits are durable" "$(sql -d "$db" 'PRAGMA synchronous')" 2
is "it waits for locks" "$(sql -d "$db" 'PRAGMA busy_timeout')" 5000
is "the schema can call JSON's functions" "$(sql -d "$db" 'PRAGMA trusted_schema')" 1
has "and none that touch files" \
    "$(sql -d "$db" "CREATE VIEW bad AS SELECT readfile('/etc/passwd'); SELECT * FROM bad; DROP VIEW bad")" \
    "unsafe use of readfile()"
ok "the view that tried is gone" sql -d "$db" "DROP VIEW bad"
ok "closing does not move the log into the file" test -s "$db-wal"

is "RECEPTIONAI_DB names the file" "$(RECEPTIONAI_DB=$db sql 'SELECT count(*) FROM merchants')" 1
printf '# where it is\n  RECEPTIONAI_DB = "%s"  \nRECEPTIONAI_DBX=no\n' "$db" >"$work/conf"
is "so does the configuration file" "$(RECEPTIONAI_CONF=$work/conf sql 'SELECT count(*) FROM merchants')" 1
has "one that was named must be there" "$(RECEPTIONAI_CONF=$work/none sql 'SELECT 1')" "$work/none: cannot be read"

is "an unknown option is exit code 2" "$(code --no-such-option)" 2
is "two SQL texts are exit code 2" "$(code -d "$db" 'SELECT 1' 'SELECT 2')" 2
has "--help explains" "$(sql --help)" "Usage: receptionai-sql"
has "--version answers" "$(sql --version)" "receptionai-sql 0."
finish
