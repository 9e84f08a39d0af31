# db: merchants, calls, turns in SQLite. The only folder that speaks SQL. Knows proto and base.
EXTRA_DIST += db/db.h
