#!/bin/bash
# receptionai-db(5) and db/schema.sql name the same tables, views and columns, in the same order, and the page says what
# each is; what belongs together in the schema is deleted together.
. "${srcdir:=.}/tests/lib.sh"
page=$srcdir/man/receptionai-db.5
db=$work/schema.db
sqlite3 -bail "$db" <"$srcdir/db/schema.sql" || exit 1

# "table column" lines; columns without a word of explanation come with a "!".
awk '/^\.Sh / { table = "" }
     /^\.Ss / { table = $2; print table }
     /^\.It Va / { if (column) print "!" column; column = table " " $3; print column; next }
     { column = "" }' "$page" >"$work/page"
# Views that hold no rows are for triggers only; so are these two.
inner="SELECT name FROM sqlite_schema WHERE type = 'view' AND (sql LIKE '%WHERE 0' OR name IN ('text_positions', 'passed_on'))"
sqlite3 -separator ' ' "$db" "SELECT t.name, c.name FROM sqlite_schema AS t JOIN pragma_table_info(t.name) AS c
    WHERE t.type IN ('table', 'view') AND t.name NOT LIKE 'sqlite~_%' ESCAPE '~' AND t.name NOT IN ($inner)
    ORDER BY t.name, c.cid" >"$work/schema"

is "no column of the page is without a word of explanation" "$(grep '!' "$work/page")" ""
is "every table and view of the schema is on the page, and no other" \
    "$(grep -v ' ' "$work/page" | sort)" "$(cut -d' ' -f1 "$work/schema" | sort -u)"
is "none is there twice" "$(grep -v ' ' "$work/page" | sort | uniq -d)" ""
for table in $(cut -d' ' -f1 "$work/schema" | uniq); do
    is "$table has the columns of the schema, in their order" \
        "$(sed -n "s/^$table //p" "$work/page" | tr '\n' ' ')" "$(sed -n "s/^$table //p" "$work/schema" | tr '\n' ' ')"
done
for view in $(sqlite3 "$db" "$inner"); do
    ok "$view is among the views that are explained together" grep -q "^\.Va $view\b" "$page"
done
# A foreign key alone does not hold in the plain shell, where an id that is free again would get what belonged to another.
is "what belongs to a row is deleted with it, by a trigger too" "$(sqlite3 "$db" "SELECT child.name || ' of ' || f.\"table\"
    FROM sqlite_schema AS child JOIN pragma_foreign_key_list(child.name) AS f
    WHERE child.type = 'table' AND f.on_delete = 'CASCADE' AND NOT EXISTS (SELECT 1 FROM sqlite_schema AS t
        WHERE t.type = 'trigger' AND t.tbl_name = f.\"table\" AND t.sql LIKE '%BEFORE DELETE ON%'
            AND t.sql LIKE '%DELETE FROM ' || child.name || ' WHERE%')")" ""
has "the page tells the version" "$(grep -A1 user_version "$page")" "now $(sqlite3 "$db" 'PRAGMA user_version')."
ok "there were many" test "$(wc -l <"$work/schema")" -gt 250
finish
