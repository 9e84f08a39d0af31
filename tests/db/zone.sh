#!/bin/bash
# Local times of all zones of this machine against Python's zoneinfo, at every change of the clocks and in between.
# shellcheck source-path=SCRIPTDIR
. "${srcdir:=.}/tests/lib.sh"

cat >"$work/questions.py" <<'PY'
import datetime, glob, random, struct, sys, zoneinfo
random.seed(20250401)
names = [n for n in sorted(zoneinfo.available_timezones()) if n not in ("localtime", "Factory", "posixrules")]
utc = datetime.timezone.utc
with open(sys.argv[1], "w") as questions, open(sys.argv[2], "w") as answers:
    for name in names:
        zone = zoneinfo.ZoneInfo(name)
        def offset(t):
            return datetime.datetime.fromtimestamp(t, utc).astimezone(zone).utcoffset()
        times = [random.randrange(-2500000000, 6000000000) for _ in range(25)]
        times += [random.randrange(6000000000, 250000000000) for _ in range(5)]
        # Both sides of each change, found by halving, in years of the file and in years of its footer.
        for year in (1945, 1974, 2007, 2024, 2025, 2026, 2037, 2038, 2050, 2399):
            start = int(datetime.datetime(year, 1, 1, tzinfo=utc).timestamp())
            for week in range(0, 53, 2):
                low, high = start + week * 604800, start + (week + 2) * 604800
                if offset(low) == offset(high):
                    continue
                while high - low > 1:
                    middle = (low + high) // 2
                    low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
                times += [low - 3600, low, high, high + 3600]
        for t in times:
            local = datetime.datetime.fromtimestamp(t, utc).astimezone(zone)
            questions.write(f"{name} {t}\n")
            answers.write(f"{local:%Y-%m-%d %H:%M:%S} {local.weekday()} {int(local.utcoffset().total_seconds())} "
                          f"{int(bool(local.dst()))} {local.tzname()}\n".replace(f"{local:%Y}", f"{local.year:04d}", 1))
PY
if [ ! -e /usr/share/zoneinfo/Europe/Berlin ]; then
    ok "skipped: no tzdata # SKIP" true
    finish
fi
ok "Python's answers" /usr/bin/python3 "$work/questions.py" "$work/questions" "$work/expected"
ok "ours" bash -c '"$1" <"$2" >"$3"' _ "$builddir/tests/zone_tool" "$work/questions" "$work/got"
# Python does not tell whether it is summer where a zone's "standard time" changed with it; all else is the same.
ok "the date, the time, the weekday, the offset and its name are the same" bash -c '
    cut -d" " -f1-4,6 "$1" >"$1.cut"; cut -d" " -f1-4,6 "$2" >"$2.cut"
    cmp "$1.cut" "$2.cut" || { paste "$3" "$1" "$2" | awk "\$3\$4\$6 != \$9\$10\$12" | head -20; false; }' _ "$work/expected" \
    "$work/got" "$work/questions"
ok "there were many" test "$(wc -l <"$work/questions")" -gt 20000
ok "among them summers" grep -q " 1 CEST" "$work/got"
printf '# %s instants in %s zones\n' "$(wc -l <"$work/questions")" "$(cut -d' ' -f1 "$work/questions" | sort -u | wc -l)"
for name in ../../etc/passwd /etc/localtime Europe//Berlin Europe/ .. Nowhere/Here zone.tab; do
    ok "refused: $name" bash -c '! echo "$2 0" | "$1"' _ "$builddir/tests/zone_tool" "$name"
done
finish
