-- ReceptionAI's database, version 1: the source of truth.
--
--   sqlite3 receptionai.db < schema.sql      loads it into an empty file; the programs do the same when
--                                            there is no file, and bring an older file up to date.
--
-- People write merchants, voices and time_zones; the programs write the rest. Whatever a person may get
-- wrong is refused with a sentence that says what is allowed. A change counts from the next call on.
-- Times are milliseconds since 1970 UTC (…_ms); a turn's times count from the start of its stream.
-- Changing this file: raise user_version at its end and add the step to db/migrations.h.

PRAGMA auto_vacuum = INCREMENTAL;
BEGIN IMMEDIATE;

-- What people choose from ---------------------------------------------------------------------------

-- Grok's voices. A voice of your own: INSERT INTO voices(name) VALUES('its-id');
CREATE TABLE voices(
	name TEXT NOT NULL PRIMARY KEY COLLATE NOCASE,
	CONSTRAINT "a voice's name is 1 to 64 letters, digits, - and _"
		CHECK (name GLOB '[A-Za-z0-9]*' AND name NOT GLOB '*[^A-Za-z0-9_-]*'
			AND length(CAST(name AS BLOB)) <= 64)
) STRICT;

INSERT INTO voices(name) VALUES
	('ara'), ('eve'), ('leo'), ('rex'), ('sal'), ('castor'), ('luna'), ('orion'), ('iris'), ('atlas');

-- The names of the IANA time zone database (2025b), old names included.
CREATE TABLE time_zones(
	name TEXT NOT NULL PRIMARY KEY,
	CONSTRAINT "a time zone's name is 1 to 64 characters like those of Europe/Berlin"
		CHECK (name GLOB '[A-Za-z]*' AND name NOT GLOB '*[^A-Za-z0-9_/+-]*'
			AND length(CAST(name AS BLOB)) <= 64)
) STRICT;

INSERT INTO time_zones(name) VALUES
	('Africa/Abidjan'), ('Africa/Accra'), ('Africa/Addis_Ababa'), ('Africa/Algiers'),
	('Africa/Asmara'), ('Africa/Asmera'), ('Africa/Bamako'), ('Africa/Bangui'),
	('Africa/Banjul'), ('Africa/Bissau'), ('Africa/Blantyre'), ('Africa/Brazzaville'),
	('Africa/Bujumbura'), ('Africa/Cairo'), ('Africa/Casablanca'), ('Africa/Ceuta'),
	('Africa/Conakry'), ('Africa/Dakar'), ('Africa/Dar_es_Salaam'), ('Africa/Djibouti'),
	('Africa/Douala'), ('Africa/El_Aaiun'), ('Africa/Freetown'), ('Africa/Gaborone'),
	('Africa/Harare'), ('Africa/Johannesburg'), ('Africa/Juba'), ('Africa/Kampala'),
	('Africa/Khartoum'), ('Africa/Kigali'), ('Africa/Kinshasa'), ('Africa/Lagos'),
	('Africa/Libreville'), ('Africa/Lome'), ('Africa/Luanda'), ('Africa/Lubumbashi'),
	('Africa/Lusaka'), ('Africa/Malabo'), ('Africa/Maputo'), ('Africa/Maseru'),
	('Africa/Mbabane'), ('Africa/Mogadishu'), ('Africa/Monrovia'), ('Africa/Nairobi'),
	('Africa/Ndjamena'), ('Africa/Niamey'), ('Africa/Nouakchott'), ('Africa/Ouagadougou'),
	('Africa/Porto-Novo'), ('Africa/Sao_Tome'), ('Africa/Timbuktu'), ('Africa/Tripoli'),
	('Africa/Tunis'), ('Africa/Windhoek'), ('America/Adak'), ('America/Anchorage'),
	('America/Anguilla'), ('America/Antigua'), ('America/Araguaina'),
	('America/Argentina/Buenos_Aires'), ('America/Argentina/Catamarca'),
	('America/Argentina/ComodRivadavia'), ('America/Argentina/Cordoba'),
	('America/Argentina/Jujuy'), ('America/Argentina/La_Rioja'),
	('America/Argentina/Mendoza'), ('America/Argentina/Rio_Gallegos'),
	('America/Argentina/Salta'), ('America/Argentina/San_Juan'),
	('America/Argentina/San_Luis'), ('America/Argentina/Tucuman'),
	('America/Argentina/Ushuaia'), ('America/Aruba'), ('America/Asuncion'),
	('America/Atikokan'), ('America/Atka'), ('America/Bahia'), ('America/Bahia_Banderas'),
	('America/Barbados'), ('America/Belem'), ('America/Belize'), ('America/Blanc-Sablon'),
	('America/Boa_Vista'), ('America/Bogota'), ('America/Boise'), ('America/Buenos_Aires'),
	('America/Cambridge_Bay'), ('America/Campo_Grande'), ('America/Cancun'),
	('America/Caracas'), ('America/Catamarca'), ('America/Cayenne'), ('America/Cayman'),
	('America/Chicago'), ('America/Chihuahua'), ('America/Ciudad_Juarez'),
	('America/Coral_Harbour'), ('America/Cordoba'), ('America/Costa_Rica'),
	('America/Coyhaique'), ('America/Creston'), ('America/Cuiaba'), ('America/Curacao'),
	('America/Danmarkshavn'), ('America/Dawson'), ('America/Dawson_Creek'),
	('America/Denver'), ('America/Detroit'), ('America/Dominica'), ('America/Edmonton'),
	('America/Eirunepe'), ('America/El_Salvador'), ('America/Ensenada'),
	('America/Fort_Nelson'), ('America/Fort_Wayne'), ('America/Fortaleza'),
	('America/Glace_Bay'), ('America/Godthab'), ('America/Goose_Bay'), ('America/Grand_Turk'),
	('America/Grenada'), ('America/Guadeloupe'), ('America/Guatemala'), ('America/Guayaquil'),
	('America/Guyana'), ('America/Halifax'), ('America/Havana'), ('America/Hermosillo'),
	('America/Indiana/Indianapolis'), ('America/Indiana/Knox'), ('America/Indiana/Marengo'),
	('America/Indiana/Petersburg'), ('America/Indiana/Tell_City'), ('America/Indiana/Vevay'),
	('America/Indiana/Vincennes'), ('America/Indiana/Winamac'), ('America/Indianapolis'),
	('America/Inuvik'), ('America/Iqaluit'), ('America/Jamaica'), ('America/Jujuy'),
	('America/Juneau'), ('America/Kentucky/Louisville'), ('America/Kentucky/Monticello'),
	('America/Knox_IN'), ('America/Kralendijk'), ('America/La_Paz'), ('America/Lima'),
	('America/Los_Angeles'), ('America/Louisville'), ('America/Lower_Princes'),
	('America/Maceio'), ('America/Managua'), ('America/Manaus'), ('America/Marigot'),
	('America/Martinique'), ('America/Matamoros'), ('America/Mazatlan'), ('America/Mendoza'),
	('America/Menominee'), ('America/Merida'), ('America/Metlakatla'),
	('America/Mexico_City'), ('America/Miquelon'), ('America/Moncton'), ('America/Monterrey'),
	('America/Montevideo'), ('America/Montreal'), ('America/Montserrat'), ('America/Nassau'),
	('America/New_York'), ('America/Nipigon'), ('America/Nome'), ('America/Noronha'),
	('America/North_Dakota/Beulah'), ('America/North_Dakota/Center'),
	('America/North_Dakota/New_Salem'), ('America/Nuuk'), ('America/Ojinaga'),
	('America/Panama'), ('America/Pangnirtung'), ('America/Paramaribo'), ('America/Phoenix'),
	('America/Port-au-Prince'), ('America/Port_of_Spain'), ('America/Porto_Acre'),
	('America/Porto_Velho'), ('America/Puerto_Rico'), ('America/Punta_Arenas'),
	('America/Rainy_River'), ('America/Rankin_Inlet'), ('America/Recife'), ('America/Regina'),
	('America/Resolute'), ('America/Rio_Branco'), ('America/Rosario'),
	('America/Santa_Isabel'), ('America/Santarem'), ('America/Santiago'),
	('America/Santo_Domingo'), ('America/Sao_Paulo'), ('America/Scoresbysund'),
	('America/Shiprock'), ('America/Sitka'), ('America/St_Barthelemy'), ('America/St_Johns'),
	('America/St_Kitts'), ('America/St_Lucia'), ('America/St_Thomas'), ('America/St_Vincent'),
	('America/Swift_Current'), ('America/Tegucigalpa'), ('America/Thule'),
	('America/Thunder_Bay'), ('America/Tijuana'), ('America/Toronto'), ('America/Tortola'),
	('America/Vancouver'), ('America/Virgin'), ('America/Whitehorse'), ('America/Winnipeg'),
	('America/Yakutat'), ('America/Yellowknife'), ('Antarctica/Casey'), ('Antarctica/Davis'),
	('Antarctica/DumontDUrville'), ('Antarctica/Macquarie'), ('Antarctica/Mawson'),
	('Antarctica/McMurdo'), ('Antarctica/Palmer'), ('Antarctica/Rothera'),
	('Antarctica/South_Pole'), ('Antarctica/Syowa'), ('Antarctica/Troll'),
	('Antarctica/Vostok'), ('Arctic/Longyearbyen'), ('Asia/Aden'), ('Asia/Almaty'),
	('Asia/Amman'), ('Asia/Anadyr'), ('Asia/Aqtau'), ('Asia/Aqtobe'), ('Asia/Ashgabat'),
	('Asia/Ashkhabad'), ('Asia/Atyrau'), ('Asia/Baghdad'), ('Asia/Bahrain'), ('Asia/Baku'),
	('Asia/Bangkok'), ('Asia/Barnaul'), ('Asia/Beirut'), ('Asia/Bishkek'), ('Asia/Brunei'),
	('Asia/Calcutta'), ('Asia/Chita'), ('Asia/Choibalsan'), ('Asia/Chongqing'),
	('Asia/Chungking'), ('Asia/Colombo'), ('Asia/Dacca'), ('Asia/Damascus'), ('Asia/Dhaka'),
	('Asia/Dili'), ('Asia/Dubai'), ('Asia/Dushanbe'), ('Asia/Famagusta'), ('Asia/Gaza'),
	('Asia/Harbin'), ('Asia/Hebron'), ('Asia/Ho_Chi_Minh'), ('Asia/Hong_Kong'), ('Asia/Hovd'),
	('Asia/Irkutsk'), ('Asia/Istanbul'), ('Asia/Jakarta'), ('Asia/Jayapura'),
	('Asia/Jerusalem'), ('Asia/Kabul'), ('Asia/Kamchatka'), ('Asia/Karachi'),
	('Asia/Kashgar'), ('Asia/Kathmandu'), ('Asia/Katmandu'), ('Asia/Khandyga'),
	('Asia/Kolkata'), ('Asia/Krasnoyarsk'), ('Asia/Kuala_Lumpur'), ('Asia/Kuching'),
	('Asia/Kuwait'), ('Asia/Macao'), ('Asia/Macau'), ('Asia/Magadan'), ('Asia/Makassar'),
	('Asia/Manila'), ('Asia/Muscat'), ('Asia/Nicosia'), ('Asia/Novokuznetsk'),
	('Asia/Novosibirsk'), ('Asia/Omsk'), ('Asia/Oral'), ('Asia/Phnom_Penh'),
	('Asia/Pontianak'), ('Asia/Pyongyang'), ('Asia/Qatar'), ('Asia/Qostanay'),
	('Asia/Qyzylorda'), ('Asia/Rangoon'), ('Asia/Riyadh'), ('Asia/Saigon'), ('Asia/Sakhalin'),
	('Asia/Samarkand'), ('Asia/Seoul'), ('Asia/Shanghai'), ('Asia/Singapore'),
	('Asia/Srednekolymsk'), ('Asia/Taipei'), ('Asia/Tashkent'), ('Asia/Tbilisi'),
	('Asia/Tehran'), ('Asia/Tel_Aviv'), ('Asia/Thimbu'), ('Asia/Thimphu'), ('Asia/Tokyo'),
	('Asia/Tomsk'), ('Asia/Ujung_Pandang'), ('Asia/Ulaanbaatar'), ('Asia/Ulan_Bator'),
	('Asia/Urumqi'), ('Asia/Ust-Nera'), ('Asia/Vientiane'), ('Asia/Vladivostok'),
	('Asia/Yakutsk'), ('Asia/Yangon'), ('Asia/Yekaterinburg'), ('Asia/Yerevan'),
	('Atlantic/Azores'), ('Atlantic/Bermuda'), ('Atlantic/Canary'), ('Atlantic/Cape_Verde'),
	('Atlantic/Faeroe'), ('Atlantic/Faroe'), ('Atlantic/Jan_Mayen'), ('Atlantic/Madeira'),
	('Atlantic/Reykjavik'), ('Atlantic/South_Georgia'), ('Atlantic/St_Helena'),
	('Atlantic/Stanley'), ('Australia/ACT'), ('Australia/Adelaide'), ('Australia/Brisbane'),
	('Australia/Broken_Hill'), ('Australia/Canberra'), ('Australia/Currie'),
	('Australia/Darwin'), ('Australia/Eucla'), ('Australia/Hobart'), ('Australia/LHI'),
	('Australia/Lindeman'), ('Australia/Lord_Howe'), ('Australia/Melbourne'),
	('Australia/NSW'), ('Australia/North'), ('Australia/Perth'), ('Australia/Queensland'),
	('Australia/South'), ('Australia/Sydney'), ('Australia/Tasmania'), ('Australia/Victoria'),
	('Australia/West'), ('Australia/Yancowinna'), ('Brazil/Acre'), ('Brazil/DeNoronha'),
	('Brazil/East'), ('Brazil/West'), ('CET'), ('CST6CDT'), ('Canada/Atlantic'),
	('Canada/Central'), ('Canada/Eastern'), ('Canada/Mountain'), ('Canada/Newfoundland'),
	('Canada/Pacific'), ('Canada/Saskatchewan'), ('Canada/Yukon'), ('Chile/Continental'),
	('Chile/EasterIsland'), ('Cuba'), ('EET'), ('EST'), ('EST5EDT'), ('Egypt'), ('Eire'),
	('Etc/GMT'), ('Etc/GMT+0'), ('Etc/GMT+1'), ('Etc/GMT+10'), ('Etc/GMT+11'), ('Etc/GMT+12'),
	('Etc/GMT+2'), ('Etc/GMT+3'), ('Etc/GMT+4'), ('Etc/GMT+5'), ('Etc/GMT+6'), ('Etc/GMT+7'),
	('Etc/GMT+8'), ('Etc/GMT+9'), ('Etc/GMT-0'), ('Etc/GMT-1'), ('Etc/GMT-10'),
	('Etc/GMT-11'), ('Etc/GMT-12'), ('Etc/GMT-13'), ('Etc/GMT-14'), ('Etc/GMT-2'),
	('Etc/GMT-3'), ('Etc/GMT-4'), ('Etc/GMT-5'), ('Etc/GMT-6'), ('Etc/GMT-7'), ('Etc/GMT-8'),
	('Etc/GMT-9'), ('Etc/GMT0'), ('Etc/Greenwich'), ('Etc/UCT'), ('Etc/UTC'),
	('Etc/Universal'), ('Etc/Zulu'), ('Europe/Amsterdam'), ('Europe/Andorra'),
	('Europe/Astrakhan'), ('Europe/Athens'), ('Europe/Belfast'), ('Europe/Belgrade'),
	('Europe/Berlin'), ('Europe/Bratislava'), ('Europe/Brussels'), ('Europe/Bucharest'),
	('Europe/Budapest'), ('Europe/Busingen'), ('Europe/Chisinau'), ('Europe/Copenhagen'),
	('Europe/Dublin'), ('Europe/Gibraltar'), ('Europe/Guernsey'), ('Europe/Helsinki'),
	('Europe/Isle_of_Man'), ('Europe/Istanbul'), ('Europe/Jersey'), ('Europe/Kaliningrad'),
	('Europe/Kiev'), ('Europe/Kirov'), ('Europe/Kyiv'), ('Europe/Lisbon'),
	('Europe/Ljubljana'), ('Europe/London'), ('Europe/Luxembourg'), ('Europe/Madrid'),
	('Europe/Malta'), ('Europe/Mariehamn'), ('Europe/Minsk'), ('Europe/Monaco'),
	('Europe/Moscow'), ('Europe/Nicosia'), ('Europe/Oslo'), ('Europe/Paris'),
	('Europe/Podgorica'), ('Europe/Prague'), ('Europe/Riga'), ('Europe/Rome'),
	('Europe/Samara'), ('Europe/San_Marino'), ('Europe/Sarajevo'), ('Europe/Saratov'),
	('Europe/Simferopol'), ('Europe/Skopje'), ('Europe/Sofia'), ('Europe/Stockholm'),
	('Europe/Tallinn'), ('Europe/Tirane'), ('Europe/Tiraspol'), ('Europe/Ulyanovsk'),
	('Europe/Uzhgorod'), ('Europe/Vaduz'), ('Europe/Vatican'), ('Europe/Vienna'),
	('Europe/Vilnius'), ('Europe/Volgograd'), ('Europe/Warsaw'), ('Europe/Zagreb'),
	('Europe/Zaporozhye'), ('Europe/Zurich'), ('GB'), ('GB-Eire'), ('GMT'), ('GMT+0'),
	('GMT-0'), ('GMT0'), ('Greenwich'), ('HST'), ('Hongkong'), ('Iceland'),
	('Indian/Antananarivo'), ('Indian/Chagos'), ('Indian/Christmas'), ('Indian/Cocos'),
	('Indian/Comoro'), ('Indian/Kerguelen'), ('Indian/Mahe'), ('Indian/Maldives'),
	('Indian/Mauritius'), ('Indian/Mayotte'), ('Indian/Reunion'), ('Iran'), ('Israel'),
	('Jamaica'), ('Japan'), ('Kwajalein'), ('Libya'), ('MET'), ('MST'), ('MST7MDT'),
	('Mexico/BajaNorte'), ('Mexico/BajaSur'), ('Mexico/General'), ('NZ'), ('NZ-CHAT'),
	('Navajo'), ('PRC'), ('PST8PDT'), ('Pacific/Apia'), ('Pacific/Auckland'),
	('Pacific/Bougainville'), ('Pacific/Chatham'), ('Pacific/Chuuk'), ('Pacific/Easter'),
	('Pacific/Efate'), ('Pacific/Enderbury'), ('Pacific/Fakaofo'), ('Pacific/Fiji'),
	('Pacific/Funafuti'), ('Pacific/Galapagos'), ('Pacific/Gambier'), ('Pacific/Guadalcanal'),
	('Pacific/Guam'), ('Pacific/Honolulu'), ('Pacific/Johnston'), ('Pacific/Kanton'),
	('Pacific/Kiritimati'), ('Pacific/Kosrae'), ('Pacific/Kwajalein'), ('Pacific/Majuro'),
	('Pacific/Marquesas'), ('Pacific/Midway'), ('Pacific/Nauru'), ('Pacific/Niue'),
	('Pacific/Norfolk'), ('Pacific/Noumea'), ('Pacific/Pago_Pago'), ('Pacific/Palau'),
	('Pacific/Pitcairn'), ('Pacific/Pohnpei'), ('Pacific/Ponape'), ('Pacific/Port_Moresby'),
	('Pacific/Rarotonga'), ('Pacific/Saipan'), ('Pacific/Samoa'), ('Pacific/Tahiti'),
	('Pacific/Tarawa'), ('Pacific/Tongatapu'), ('Pacific/Truk'), ('Pacific/Wake'),
	('Pacific/Wallis'), ('Pacific/Yap'), ('Poland'), ('Portugal'), ('ROC'), ('ROK'),
	('Singapore'), ('Turkey'), ('UCT'), ('US/Alaska'), ('US/Aleutian'), ('US/Arizona'),
	('US/Central'), ('US/East-Indiana'), ('US/Eastern'), ('US/Hawaii'), ('US/Indiana-Starke'),
	('US/Michigan'), ('US/Mountain'), ('US/Pacific'), ('US/Samoa'), ('UTC'), ('Universal'),
	('W-SU'), ('WET'), ('Zulu');

-- Why a call ended: the same rows as base/end_reason.h.
CREATE TABLE end_reasons(
	word TEXT NOT NULL PRIMARY KEY,
	fault INTEGER NOT NULL CHECK (fault IN (0, 1)),
	sentence TEXT NOT NULL
) STRICT;

INSERT INTO end_reasons(word, fault, sentence) VALUES
	('caller-hung-up', 0, 'The caller hung up.'),
	('receptionist-hung-up', 0, 'The receptionist said goodbye and hung up.'),
	('call-too-long', 0, 'The call reached the longest time allowed.'),
	('twilio-closed', 1, 'Twilio closed the media stream without a stop message.'),
	('phone-idle', 1, 'Twilio sent nothing for too long.'),
	('phone-protocol', 1, 'Twilio''s side of the media stream broke the protocol.'),
	('phone-reset', 1, 'The connection to Twilio broke.'),
	('start-timeout', 1, 'The media stream opened, but its start message did not come.'),
	('start-mismatch', 1, 'The start message named another call than the stream''s token.'),
	('merchant-unknown', 1, 'The call''s merchant does not exist or is paused.'),
	('grok-unreachable', 1, 'Grok could not be reached in time.'),
	('grok-refused', 1, 'Grok refused the connection or the session.'),
	('grok-closed', 1, 'Grok closed the connection during the call.'),
	('grok-stalled', 1, 'Grok stopped answering.'),
	('grok-protocol', 1, 'Grok''s side broke the protocol.'),
	('grok-wrong-audio', 1, 'Grok''s audio was not the telephone audio asked for.'),
	('overflow', 1, 'A peer took its data too slowly and the bound was reached.'),
	('pool-exhausted', 1, 'The relay''s memory pools were used up.'),
	('shutdown', 1, 'The relay shut down before the call was over.'),
	('database', 1, 'The database could not be used.'),
	('no-stream', 1, 'The call ended before its media stream began.'),
	('unreported', 1, 'Twilio reported the end of the call and the relay never did.');

CREATE TRIGGER end_reasons_update BEFORE UPDATE ON end_reasons BEGIN
	SELECT RAISE(ABORT, 'end_reasons belongs to the programs and cannot be changed');
END;

CREATE TRIGGER end_reasons_delete BEFORE DELETE ON end_reasons BEGIN
	SELECT RAISE(ABORT, 'end_reasons belongs to the programs and cannot be changed');
END;

-- Merchants -----------------------------------------------------------------------------------------

-- INSERT INTO merchants(name, phone_number) VALUES('Bella''s', '+15550100'); is enough.
CREATE TABLE merchants(
	id              INTEGER PRIMARY KEY,
	name            TEXT NOT NULL,
	phone_number    TEXT NOT NULL UNIQUE,           -- that callers dial, E.164
	active          INTEGER NOT NULL DEFAULT 1,     -- 0: paused, calls are not answered
	greeting        TEXT,                           -- the first words; NULL: made from the name
	instructions    TEXT,                           -- how to behave, opening hours, menu …
	voice           TEXT REFERENCES voices(name),   -- NULL: GROK_VOICE
	language        TEXT,                           -- expected of callers, like en or pt-BR; NULL: any
	time_zone       TEXT NOT NULL DEFAULT 'UTC' REFERENCES time_zones(name),
	fallback_number TEXT,                           -- dialled when the receptionist cannot answer
	transfer_number TEXT,                           -- dialled when a caller wants a human
	recording       INTEGER NOT NULL DEFAULT 1,     -- 0: nothing of the sound is kept
	disclosure      TEXT,                           -- said before the greeting: "This call is recorded."
	CONSTRAINT "id must be a whole number from 1 on" CHECK (id > 0)
) STRICT;

-- The rules for a merchant's columns, once for INSERT and UPDATE: both triggers below put the new row
-- through this view, which holds no rows and whose trigger refuses what is wrong.
CREATE VIEW merchant_rules AS SELECT NULL AS old_id, * FROM merchants WHERE 0;

CREATE TRIGGER merchants_insert BEFORE INSERT ON merchants BEGIN
	INSERT INTO merchant_rules VALUES (NULL, NEW.id, NEW.name, NEW.phone_number, NEW.active,
		NEW.greeting, NEW.instructions, NEW.voice, NEW.language, NEW.time_zone, NEW.fallback_number,
		NEW.transfer_number, NEW.recording, NEW.disclosure);
END;

CREATE TRIGGER merchants_update BEFORE UPDATE ON merchants BEGIN
	SELECT RAISE(ABORT, 'the id of a merchant cannot be changed') WHERE NEW.id IS NOT OLD.id;
	INSERT INTO merchant_rules VALUES (OLD.id, NEW.id, NEW.name, NEW.phone_number, NEW.active,
		NEW.greeting, NEW.instructions, NEW.voice, NEW.language, NEW.time_zone, NEW.fallback_number,
		NEW.transfer_number, NEW.recording, NEW.disclosure);
END;

CREATE TRIGGER merchants_delete BEFORE DELETE ON merchants BEGIN
	SELECT RAISE(ABORT,
		'a merchant with calls cannot be deleted: delete the calls first, or set active = 0')
	WHERE EXISTS (SELECT 1 FROM calls WHERE merchant_id = OLD.id);
END;

CREATE TRIGGER merchant_rules_name INSTEAD OF INSERT ON merchant_rules BEGIN
	SELECT RAISE(ABORT, 'name must be given')
	WHERE trim(coalesce(NEW.name, ''), ' ' || char(9, 10, 13, 160)) = '';
	SELECT RAISE(ABORT, 'name must be at most 200 bytes long')
	WHERE length(CAST(NEW.name AS BLOB)) > 200;
	SELECT RAISE(ABORT, 'name must be one line without control characters')
	WHERE NEW.name GLOB '*[' || char(1) || '-' || char(31, 127) || ']*' OR instr(NEW.name, char(0));
END;

CREATE TRIGGER merchant_rules_numbers INSTEAD OF INSERT ON merchant_rules BEGIN
	SELECT RAISE(ABORT,
		'phone_number must be in E.164 form: + and 7 to 15 digits, the first not 0, like +15550100')
	WHERE NOT coalesce(NEW.phone_number GLOB '+[1-9]*' AND substr(NEW.phone_number, 2) NOT GLOB '*[^0-9]*'
		AND length(CAST(NEW.phone_number AS BLOB)) BETWEEN 8 AND 16 AND NOT instr(NEW.phone_number, char(0)), 0);
	SELECT RAISE(ABORT, 'phone_number belongs to another merchant already')
	WHERE EXISTS (SELECT 1 FROM merchants WHERE phone_number = NEW.phone_number AND id IS NOT NEW.old_id);
	SELECT RAISE(ABORT,
		'fallback_number and transfer_number must be NULL or in E.164 form, like +15550100')
	FROM (SELECT NEW.fallback_number AS number UNION ALL SELECT NEW.transfer_number)
	WHERE NOT coalesce(number GLOB '+[1-9]*' AND substr(number, 2) NOT GLOB '*[^0-9]*'
		AND length(CAST(number AS BLOB)) BETWEEN 8 AND 16 AND NOT instr(number, char(0)), 1);
	SELECT RAISE(ABORT,
		'fallback_number and transfer_number must not be phone_number: the call would go in circles')
	WHERE NEW.phone_number IN (NEW.fallback_number, NEW.transfer_number);
END;

CREATE TRIGGER merchant_rules_texts INSTEAD OF INSERT ON merchant_rules BEGIN
	SELECT RAISE(ABORT, 'greeting must be at most 2000 bytes long')
	WHERE length(CAST(NEW.greeting AS BLOB)) > 2000;
	SELECT RAISE(ABORT, 'disclosure must be at most 2000 bytes long')
	WHERE length(CAST(NEW.disclosure AS BLOB)) > 2000;
	SELECT RAISE(ABORT, 'instructions must be at most 16000 bytes long')
	WHERE length(CAST(NEW.instructions AS BLOB)) > 16000;
	SELECT RAISE(ABORT,
		'greeting, disclosure and instructions must hold no control characters but tabs and line ends')
	FROM (SELECT NEW.greeting AS text UNION ALL SELECT NEW.disclosure UNION ALL SELECT NEW.instructions)
	WHERE instr(text, char(0))
		OR text GLOB '*[' || char(1) || '-' || char(8, 11, 12, 14) || '-' || char(31, 127) || ']*';
	SELECT RAISE(ABORT,
		'name, greeting, disclosure and instructions must be UTF-8: check the terminal or file they come from')
	FROM (SELECT NEW.name AS text UNION ALL SELECT NEW.greeting
		UNION ALL SELECT NEW.disclosure UNION ALL SELECT NEW.instructions)
	JOIN text_positions ON position <= length(text)
	WHERE text GLOB '*[^' || char(1) || '-' || char(127) || ']*'
		AND substr(text, position, 1) <> char(unicode(substr(text, position, 1)));
END;

CREATE TRIGGER merchant_rules_choices INSTEAD OF INSERT ON merchant_rules BEGIN
	SELECT RAISE(ABORT, 'active must be 1 (calls are answered) or 0 (paused)')
	WHERE NEW.active IS NULL OR NEW.active NOT IN (0, 1);
	SELECT RAISE(ABORT, 'recording must be 1 (calls are recorded) or 0 (nothing is kept of the sound)')
	WHERE NEW.recording IS NULL OR NEW.recording NOT IN (0, 1);
	SELECT RAISE(ABORT, 'voice must be NULL or a name from the table voices, like eve')
	WHERE NEW.voice IS NOT NULL AND NOT EXISTS (SELECT 1 FROM voices WHERE name = NEW.voice);
	SELECT RAISE(ABORT, 'language must be NULL or a language tag like en, de or pt-BR')
	WHERE NOT coalesce((NEW.language GLOB '[a-z][a-z]' OR NEW.language GLOB '[a-z][a-z][a-z]'
		OR NEW.language GLOB '[a-z][a-z]-[A-Z][A-Z]' OR NEW.language GLOB '[a-z][a-z][a-z]-[A-Z][A-Z]')
		AND NOT instr(NEW.language, char(0)), 1);
	SELECT RAISE(ABORT, 'time_zone must be a name from the table time_zones, like Europe/Berlin')
	WHERE NEW.time_zone IS NULL OR NEW.time_zone NOT IN (SELECT name FROM time_zones);
END;

-- 1, 2, 3 … for walking through a text.
CREATE VIEW text_positions AS
	WITH RECURSIVE numbers(position) AS (SELECT 1 UNION ALL SELECT position + 1 FROM numbers LIMIT 16000)
	SELECT position FROM numbers;

-- Calls ---------------------------------------------------------------------------------------------

CREATE TABLE calls(
	call_sid          TEXT NOT NULL PRIMARY KEY,
	merchant_id       INTEGER NOT NULL REFERENCES merchants(id),
	caller_number     TEXT NOT NULL,                -- as Twilio gave it; may be anonymous
	called_number     TEXT NOT NULL,
	status            TEXT NOT NULL DEFAULT 'ringing',
	created_ms        INTEGER NOT NULL,             -- Twilio asked what to do
	started_ms        INTEGER,                      -- the media stream started
	answered_ms       INTEGER,                      -- the receptionist was ready to talk
	ended_ms          INTEGER,
	end_reason        TEXT REFERENCES end_reasons(word),
	stream_sid        TEXT,
	heard_ms          INTEGER,                      -- sound that came from the caller
	spoken_ms         INTEGER,                      -- sound that was sent to the caller
	twilio_status     TEXT,                         -- what Twilio's status callback said
	twilio_duration_s INTEGER,
	CONSTRAINT "call_sid is 1 to 64 letters, digits, - and _"
		CHECK (call_sid <> '' AND call_sid NOT GLOB '*[^A-Za-z0-9_-]*' AND length(CAST(call_sid AS BLOB)) <= 64),
	CONSTRAINT "caller_number and called_number are at most 64 bytes long"
		CHECK (length(CAST(caller_number AS BLOB)) <= 64 AND length(CAST(called_number AS BLOB)) <= 64),
	CONSTRAINT "status is ringing, live or ended" CHECK (status IN ('ringing', 'live', 'ended')),
	CONSTRAINT "a call that is live has started" CHECK (status <> 'live' OR started_ms IS NOT NULL),
	CONSTRAINT "a call has ended_ms and end_reason when its status is ended, and not before"
		CHECK ((status = 'ended') = (ended_ms IS NOT NULL) AND (status = 'ended') = (end_reason IS NOT NULL)),
	CONSTRAINT "stream_sid is 1 to 64 letters, digits, - and _"
		CHECK (stream_sid <> '' AND stream_sid NOT GLOB '*[^A-Za-z0-9_-]*'
			AND length(CAST(stream_sid AS BLOB)) <= 64),
	CONSTRAINT "heard_ms, spoken_ms and twilio_duration_s are not negative"
		CHECK (coalesce(heard_ms, 0) >= 0 AND coalesce(spoken_ms, 0) >= 0 AND coalesce(twilio_duration_s, 0) >= 0),
	CONSTRAINT "twilio_status is a word of at most 32 letters"
		CHECK (twilio_status NOT GLOB '*[^a-z-]*' AND length(twilio_status) BETWEEN 1 AND 32)
) STRICT;

CREATE INDEX calls_by_merchant ON calls(merchant_id, created_ms);
CREATE INDEX calls_not_ended ON calls(created_ms) WHERE status <> 'ended';

CREATE TRIGGER calls_end_reason BEFORE UPDATE OF end_reason ON calls BEGIN
	SELECT RAISE(ABORT, 'end_reason must be a word from the table end_reasons')
	WHERE NEW.end_reason NOT IN (SELECT word FROM end_reasons);
END;

-- Also where foreign keys are not enforced, as in the plain sqlite3 shell.
CREATE TRIGGER calls_delete BEFORE DELETE ON calls BEGIN
	DELETE FROM turns WHERE call_sid = OLD.call_sid;
	DELETE FROM stream_events WHERE call_sid = OLD.call_sid;
END;

-- Who said what. A turn that is not final is still being said.
CREATE TABLE turns(
	call_sid TEXT NOT NULL REFERENCES calls(call_sid) ON DELETE CASCADE,
	position INTEGER NOT NULL,                      -- 0, 1, 2 … in the order of the conversation
	role     TEXT NOT NULL,
	text     TEXT NOT NULL,
	start_ms INTEGER NOT NULL,                      -- since the stream started
	end_ms   INTEGER NOT NULL,
	final    INTEGER NOT NULL,
	cut      INTEGER NOT NULL,                      -- 1: the caller interrupted it
	PRIMARY KEY (call_sid, position),
	CONSTRAINT "position is 0 or more" CHECK (position >= 0),
	CONSTRAINT "role is caller or receptionist" CHECK (role IN ('caller', 'receptionist')),
	CONSTRAINT "a turn's text is at most 16384 bytes long" CHECK (length(CAST(text AS BLOB)) <= 16384),
	CONSTRAINT "a turn starts at 0 or later and does not end before it starts"
		CHECK (start_ms >= 0 AND end_ms >= start_ms),
	CONSTRAINT "final and cut are 0 or 1" CHECK (final IN (0, 1) AND cut IN (0, 1))
) STRICT, WITHOUT ROWID;

-- What Twilio's stream callback said.
CREATE TABLE stream_events(
	call_sid   TEXT NOT NULL REFERENCES calls(call_sid) ON DELETE CASCADE,
	stream_sid TEXT NOT NULL,
	event      TEXT NOT NULL,
	error      TEXT NOT NULL,
	at_ms      INTEGER NOT NULL,
	PRIMARY KEY (call_sid, stream_sid, event),
	CONSTRAINT "event is stream-started, stream-stopped or stream-error"
		CHECK (event IN ('stream-started', 'stream-stopped', 'stream-error')),
	CONSTRAINT "stream_sid is at most 64 bytes and error at most 2000 bytes long"
		CHECK (length(CAST(stream_sid AS BLOB)) <= 64 AND length(CAST(error AS BLOB)) <= 2000)
) STRICT, WITHOUT ROWID;

-- For people ----------------------------------------------------------------------------------------

-- One line a call, newest first. Times are UTC.
CREATE VIEW call_log AS
	SELECT calls.call_sid, merchants.name AS merchant, caller_number AS caller,
		datetime(created_ms / 1000, 'unixepoch') AS began, status,
		round((ended_ms - coalesce(started_ms, created_ms)) / 1000.0, 1) AS seconds,
		(SELECT count(*) FROM turns WHERE turns.call_sid = calls.call_sid) AS turns,
		iif(fault, 'FAULT: ', '') || sentence AS ending
	FROM calls JOIN merchants ON merchants.id = merchant_id LEFT JOIN end_reasons ON word = end_reason
	ORDER BY created_ms DESC, calls.rowid DESC;

-- Calls that have not ended, longest first.
CREATE VIEW live_calls AS
	SELECT calls.call_sid, merchants.name AS merchant, caller_number AS caller, status,
		datetime(created_ms / 1000, 'unixepoch') AS began,
		CAST(strftime('%s', 'now') AS INTEGER) - created_ms / 1000 AS seconds,
		(SELECT text FROM turns WHERE turns.call_sid = calls.call_sid
			ORDER BY position DESC LIMIT 1) AS last_words
	FROM calls JOIN merchants ON merchants.id = merchant_id
	WHERE status <> 'ended'
	ORDER BY created_ms;

-- What was said, in order: SELECT * FROM transcripts WHERE call_sid = 'CA…';
CREATE VIEW transcripts AS
	SELECT call_sid, printf('%d:%04.1f', start_ms / 60000, start_ms % 60000 / 1000.0) AS at, role,
		text || CASE WHEN cut THEN ' [cut]' WHEN NOT final THEN ' …' ELSE '' END AS text
	FROM turns
	ORDER BY call_sid, position;

PRAGMA application_id = 0x52414931;
PRAGMA user_version = 1;
COMMIT;
