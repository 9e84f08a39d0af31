#!/bin/bash
# Opening times, weekly and special, against Python: days are painted minute by minute, the clock is zoneinfo's. Asked
# around each change of the clocks of zones in which they change oddly, and at any time.
# shellcheck source-path=SCRIPTDIR
. "${srcdir:=.}/tests/lib.sh"

cat >"$work/questions.py" <<'PY'
import datetime, random, sys, zoneinfo
random.seed(20261121)
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "America/Havana",
         "Atlantic/Azores", "Asia/Kathmandu", "America/Sao_Paulo", "Antarctica/Troll", "UTC")
UTC, DAY, AHEAD = datetime.timezone.utc, 1440, 400

def local(zone, t):
    return datetime.datetime.fromtimestamp(t, UTC).astimezone(zone).replace(tzinfo=None)

def changes(zone, year):
    """The first second behind each change of the clocks."""
    low = int(datetime.datetime(year, 1, 1, tzinfo=UTC).timestamp())
    offset = lambda t: datetime.datetime.fromtimestamp(t, UTC).astimezone(zone).utcoffset()
    for start in range(low, low + 366 * 86400, 7 * 86400):
        a, b = start, start + 7 * 86400
        if offset(a) == offset(b):
            continue
        while b - a > 1:
            middle = (a + b) // 2
            a, b = (middle, b) if offset(middle) == offset(a) else (a, middle)
        yield b

def spans():
    """One to three of a day; every other one overnight or around the hours in which clocks change."""
    found = []
    for _ in range(random.randint(1, 3)):
        opens = random.choice((random.randrange(DAY), random.randrange(0, 240, 15), 0))
        length = random.choice((random.randint(1, DAY - 1), random.randint(1, 180), 60, DAY))
        found.append((opens, min(opens + length, DAY if opens == 0 else DAY + opens - 1)))
    return sorted(found)

def shop(date):
    week, special = {}, {}
    if random.random() < 0.9:
        kind = random.random()
        for day in range(7):
            if kind < 0.1:
                week[day] = [(0, DAY)]
            elif random.random() < 0.8:
                week[day] = spans()
    for _ in range(random.choice((0, 0, 1, 3, 12))):
        day = date + datetime.timedelta(random.choice((-1, 0, 1, 2, random.randint(-5, 390))))
        key = (0 if random.random() < 0.4 else day.year, day.month, day.day)
        special[key] = [] if random.random() < 0.5 else spans()
    return week, special

def spans_of(week, special, date):
    for key in ((date.year, date.month, date.day), (0, date.month, date.day)):
        if key in special:
            return special[key]
    return week.get(date.weekday(), []) if week else [(0, DAY)]

def paint(week, special, first, days):
    wall = bytearray((days + 2) * DAY)
    for n in range(days):
        for opens, closes in spans_of(week, special, first + datetime.timedelta(n)):
            wall[n * DAY + opens:n * DAY + closes] = b"\1" * (closes - opens)
    return wall[:days * DAY]

def answer(week, special, now):
    if not week and not special:
        return None
    first, at = now.date() - datetime.timedelta(1), DAY + now.hour * 60 + now.minute
    for days in (40, AHEAD + 3):
        wall = paint(week, special, first, days)
        then = wall.find(1 - wall[at], at)
        if then >= 0:
            break
    if then < 0 or then - at >= AHEAD * DAY:
        return wall[at], 0, None
    return wall[at], 1, (then - at, datetime.datetime.combine(first, datetime.time()) + datetime.timedelta(minutes=then))

with open(sys.argv[1], "w") as questions, open(sys.argv[2], "w") as answers:
    for name in ZONES:
        zone = zoneinfo.ZoneInfo(name)
        times = [random.randrange(1700000000, 1900000000) for _ in range(150)]
        for year in (2011, 2024, 2025, 2026, 2027, 2028):
            for t in changes(zone, year):
                times += [t - 1, t] + [t + random.randrange(-6, 7) * 1800 + random.randrange(60) for _ in range(10)]
        for t in times:
            now = local(zone, t)
            week, special = shop(now.date())
            written = [f"{day},{o},{c}" for day in sorted(week) for o, c in week[day]]
            days = [f"{y},{m},{d},{int(not s)},{o},{c}" for (y, m, d), s in sorted(special.items()) for o, c in s or [(0, 0)]]
            questions.write(f"{name} {t} {';'.join(written) or '-'} {';'.join(days) or '-'}\n")
            found = answer(week, special, now)
            if not found:
                answers.write("0\n")
                continue
            is_open, known, change = found
            answers.write(f"1 {is_open} {known}" + (f" {change[0]} {change[1]:%Y-%m-%d %H:%M} {change[1].weekday()}"
                                                    if change else "") + "\n")
PY
ok "Python's answers" /usr/bin/python3 "$work/questions.py" "$work/questions" "$work/expected"
ok "ours" bash -c 'set -o pipefail; "$1" <"$2" | sed -e "s/^0.*/0/" -e "s/^\(1 . 0\).*/\1/" >"$3"' _ "$builddir/tests/hours_tool" \
    "$work/questions" "$work/got"
ok "open or closed, until when: the same" bash -c 'cmp "$1" "$2" || {
    paste -d"|" "$3" "$1" "$2" | awk -F"|" "\$2 != \$3" | cut -c1-600 | head -5; false; }' _ "$work/expected" "$work/got" \
    "$work/questions"
ok "there were many" test "$(wc -l <"$work/questions")" -gt 2500
ok "of all kinds" bash -c 'for kind in "0$" "1 1 0$" "1 0 1 " "1 1 1 "; do grep -q "^$kind" "$1" || exit 1; done' _ \
    "$work/expected"
printf '# %s questions\n' "$(wc -l <"$work/questions")"
finish
