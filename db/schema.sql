-- ReceptionAI's database, version 4: the source of truth.
--
--   sqlite3 receptionai.db < schema.sql      loads it into an empty file; the programs do the same when
--                                            there is no file, and bring an older file up to date.
--
-- People write merchants and what belongs to them (merchant_…, staff_hours), caller_rules, caller_notes, voices
-- and time_zones, and mark messages as seen; the programs write the rest. Whatever a person may get wrong is
-- refused with a sentence that says what is allowed. A change counts from the next call on.
-- Times are milliseconds since 1970 UTC (…_ms); a turn's times count from the start of its stream.
-- Changing this file: raise user_version at its end and say in db/migrations.h what becomes of the rows.

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
	('transferred', 0, 'The caller was handed over to a person.'),
	('caller-silent', 0, 'The caller said nothing for too long.'),
	('call-too-long', 0, 'The call reached the longest time allowed.'),
	('over-limit', 0, 'A limit of the merchant or of the service was reached.'),
	('operator-hung-up', 0, 'The operator ended the call.'),
	('machine-answered', 0, 'A machine answered the call that was placed.'),
	('rejected', 0, 'The call was refused before it was answered.'),
	('after-hours', 0, 'The business was closed, and the caller got what after_hours says.'),
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

CREATE TRIGGER end_reasons_insert BEFORE INSERT ON end_reasons BEGIN
	SELECT RAISE(ABORT, 'end_reasons belongs to the programs and cannot be changed');
END;

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
	farewell        TEXT,                           -- the last words; NULL: the receptionist finds its own
	-- How interruptions are heard.
	hold_off_ms     INTEGER NOT NULL DEFAULT 0,     -- speech must last that long to interrupt
	protect_disclosure INTEGER NOT NULL DEFAULT 1,  -- 1: the disclosure cannot be interrupted
	protect_greeting   INTEGER NOT NULL DEFAULT 0,
	local_vad       INTEGER NOT NULL DEFAULT 1,     -- 1: loud speech interrupts even when Grok is late
	vad_threshold   REAL NOT NULL DEFAULT 0.85,     -- how sure Grok must be that it is speech
	vad_silence_ms  INTEGER NOT NULL DEFAULT 600,   -- the pause after which the caller has finished
	-- What keys do that merchant_keys does not name.
	keypad          TEXT NOT NULL DEFAULT 'text',   -- text: told to Grok; secret: kept from it; off: ignored
	-- Nobody took the transferred call: ai (the receptionist returns), voicemail or apology. Voicemail is
	-- also taken where a call that cannot be answered has nobody else to go to.
	transfer_fallback TEXT NOT NULL DEFAULT 'ai',
	-- Limits; NULL: none. Months are UTC months.
	calls_max         INTEGER,                      -- at a time
	minutes_month_max INTEGER,
	dollars_month_max REAL,
	call_s_max        INTEGER,                      -- seconds a call
	-- After the call.
	recording_consent TEXT NOT NULL DEFAULT 'none', -- disclosure: nothing is kept before it was heard to its end
	video             TEXT NOT NULL DEFAULT 'local',-- who makes it: local, or fal (fal.ai, which costs money)
	fal_dollars_call_max REAL,                      -- most that a call's video may cost; NULL: FAL_MAX_DOLLARS_CALL
	summary           INTEGER NOT NULL DEFAULT 1,   -- 1: calls are summed up, if the service has a key for it
	notify_url        TEXT,                         -- asked when a call is complete; needs notify_secret
	notify_secret     TEXT,                         -- key of our signature there
	notify_email      TEXT,
	-- While the business is closed by merchant_hours and merchant_days.
	after_hours       TEXT NOT NULL DEFAULT 'ai',   -- ai, message, voicemail, forward or closed
	after_hours_instructions TEXT,                  -- of ai: for the receptionist, beside instructions
	after_hours_number TEXT,                        -- of forward
	after_hours_notice TEXT,                        -- of closed and voicemail; NULL: made from the name and the hours
	-- What is kept, and for how long.
	memory            INTEGER NOT NULL DEFAULT 0,   -- 1: the receptionist knows what a caller said last time
	memory_days       INTEGER NOT NULL DEFAULT 90,  -- without a call, until that is forgotten
	retention_days    INTEGER,                      -- until a call is deleted, sound and all; NULL: never
	-- Who gets through.
	anonymous         TEXT NOT NULL DEFAULT 'accept', -- callers without a number: accept, reject or voicemail
	attestation       TEXT NOT NULL DEFAULT 'any',  -- by STIR/SHAKEN: any, not-failed or passed
	caller_calls_hour_max INTEGER DEFAULT 30,       -- of one caller; NULL: no limit
	calls_hour_max    INTEGER,                      -- of all callers together; NULL: no limit
	CONSTRAINT "id must be a whole number from 1 on" CHECK (id > 0)
) STRICT;

-- The rules for a merchant's columns, once for INSERT and UPDATE: both triggers below put the new row
-- through this view, which holds no rows and whose trigger refuses what is wrong.
CREATE VIEW merchant_rules AS SELECT NULL AS old_id, * FROM merchants WHERE 0;

CREATE TRIGGER merchants_insert BEFORE INSERT ON merchants BEGIN
	INSERT INTO merchant_rules VALUES (NULL, NEW.id, NEW.name, NEW.phone_number, NEW.active,
		NEW.greeting, NEW.instructions, NEW.voice, NEW.language, NEW.time_zone, NEW.fallback_number,
		NEW.transfer_number, NEW.recording, NEW.disclosure, NEW.farewell, NEW.hold_off_ms,
		NEW.protect_disclosure, NEW.protect_greeting, NEW.local_vad, NEW.vad_threshold, NEW.vad_silence_ms,
		NEW.keypad, NEW.transfer_fallback, NEW.calls_max, NEW.minutes_month_max, NEW.dollars_month_max,
		NEW.call_s_max, NEW.recording_consent, NEW.video, NEW.fal_dollars_call_max, NEW.summary,
		NEW.notify_url, NEW.notify_secret, NEW.notify_email, NEW.after_hours, NEW.after_hours_instructions,
		NEW.after_hours_number, NEW.after_hours_notice, NEW.memory, NEW.memory_days, NEW.retention_days,
		NEW.anonymous, NEW.attestation, NEW.caller_calls_hour_max, NEW.calls_hour_max);
END;

-- REPLACE would take the old row's place without a word, and all that is set there.
CREATE TRIGGER merchants_insert_id BEFORE INSERT ON merchants WHEN NEW.id IS NOT NULL BEGIN
	SELECT RAISE(ABORT, 'there is a merchant with this id: UPDATE it, or leave the id out')
	WHERE NEW.id IN (SELECT id FROM merchants);
END;

CREATE TRIGGER merchants_update BEFORE UPDATE ON merchants BEGIN
	SELECT RAISE(ABORT, 'the id of a merchant cannot be changed') WHERE NEW.id IS NOT OLD.id;
	INSERT INTO merchant_rules VALUES (OLD.id, NEW.id, NEW.name, NEW.phone_number, NEW.active,
		NEW.greeting, NEW.instructions, NEW.voice, NEW.language, NEW.time_zone, NEW.fallback_number,
		NEW.transfer_number, NEW.recording, NEW.disclosure, NEW.farewell, NEW.hold_off_ms,
		NEW.protect_disclosure, NEW.protect_greeting, NEW.local_vad, NEW.vad_threshold, NEW.vad_silence_ms,
		NEW.keypad, NEW.transfer_fallback, NEW.calls_max, NEW.minutes_month_max, NEW.dollars_month_max,
		NEW.call_s_max, NEW.recording_consent, NEW.video, NEW.fal_dollars_call_max, NEW.summary,
		NEW.notify_url, NEW.notify_secret, NEW.notify_email, NEW.after_hours, NEW.after_hours_instructions,
		NEW.after_hours_number, NEW.after_hours_notice, NEW.memory, NEW.memory_days, NEW.retention_days,
		NEW.anonymous, NEW.attestation, NEW.caller_calls_hour_max, NEW.calls_hour_max);
END;

CREATE TRIGGER merchants_delete BEFORE DELETE ON merchants BEGIN
	SELECT RAISE(ABORT,
		'a merchant with calls cannot be deleted: delete the calls first, or set active = 0')
	WHERE EXISTS (SELECT 1 FROM calls WHERE merchant_id = OLD.id);
	-- Also where foreign keys are not enforced, as in the plain sqlite3 shell.
	DELETE FROM merchant_keys WHERE merchant_id = OLD.id;
	DELETE FROM merchant_hours WHERE merchant_id = OLD.id;
	DELETE FROM merchant_tools WHERE merchant_id = OLD.id;
	DELETE FROM merchant_numbers WHERE merchant_id = OLD.id;
	DELETE FROM merchant_days WHERE merchant_id = OLD.id;
	DELETE FROM merchant_faq WHERE merchant_id = OLD.id;
	DELETE FROM merchant_staff WHERE merchant_id = OLD.id;
	DELETE FROM caller_rules WHERE merchant_id = OLD.id;
	DELETE FROM caller_notes WHERE merchant_id = OLD.id;
	DELETE FROM caller_memory WHERE merchant_id = OLD.id;
	DELETE FROM screenings WHERE merchant_id = OLD.id;
	DELETE FROM outgoing_calls WHERE merchant_id = OLD.id;
	DELETE FROM deleted_use WHERE merchant_id = OLD.id;
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
	SELECT RAISE(ABORT, 'phone_number is in merchant_numbers already')
	WHERE EXISTS (SELECT 1 FROM merchant_numbers WHERE phone_number = NEW.phone_number);
	SELECT RAISE(ABORT,
		'fallback_number and transfer_number must be NULL or in E.164 form, like +15550100')
	FROM (SELECT NEW.fallback_number AS number UNION ALL SELECT NEW.transfer_number)
	WHERE NOT coalesce(number GLOB '+[1-9]*' AND substr(number, 2) NOT GLOB '*[^0-9]*'
		AND length(CAST(number AS BLOB)) BETWEEN 8 AND 16 AND NOT instr(number, char(0)), 1);
	SELECT RAISE(ABORT,
		'fallback_number and transfer_number must not be phone_number: the call would go in circles')
	WHERE NEW.phone_number IN (NEW.fallback_number, NEW.transfer_number);
	SELECT RAISE(ABORT, 'phone_number must not be one that merchant_staff or merchant_keys hands callers over to: the call would go in circles')
	WHERE (EXISTS (SELECT 1 FROM merchant_staff WHERE merchant_id = NEW.old_id AND number = NEW.phone_number)
			OR EXISTS (SELECT 1 FROM merchant_keys WHERE merchant_id = NEW.old_id AND number = NEW.phone_number))
		AND NOT EXISTS (SELECT 1 FROM merchants WHERE id = NEW.old_id AND phone_number = NEW.phone_number);
	SELECT RAISE(ABORT, 'fallback_number, transfer_number and after_hours_number must not be one of the merchant''s own in merchant_numbers: the call would go in circles')
	WHERE EXISTS (SELECT 1 FROM merchant_numbers WHERE merchant_id = NEW.old_id
		AND phone_number IN (NEW.fallback_number, NEW.transfer_number, NEW.after_hours_number));
END;

-- Numbers of ours whose calls are passed on to numbers of ours, at once or over several: what must not end where it
-- began, for each round is a call more that costs money. Transfers are not here, for those somebody asks.
CREATE VIEW passed_on AS
	WITH RECURSIVE ours(number, merchant_id) AS
		(SELECT phone_number, id FROM merchants UNION ALL SELECT phone_number, merchant_id FROM merchant_numbers),
	at_once(number, to_number) AS
		(SELECT number, fallback_number FROM ours JOIN merchants ON id = merchant_id WHERE fallback_number NOT NULL
		UNION ALL SELECT number, after_hours_number FROM ours JOIN merchants ON id = merchant_id
			WHERE after_hours = 'forward'),
	chain(number, to_number) AS
		(SELECT number, to_number FROM at_once WHERE to_number IN (SELECT number FROM ours)
		UNION SELECT chain.number, at_once.to_number FROM chain JOIN at_once ON at_once.number = chain.to_number)
	SELECT number, to_number FROM chain UNION SELECT number, to_number FROM at_once;

CREATE TRIGGER merchant_rules_circles INSTEAD OF INSERT ON merchant_rules
WHEN coalesce(NEW.fallback_number, NEW.after_hours_number) IS NOT NULL BEGIN
	SELECT RAISE(ABORT, 'fallback_number or after_hours_number leads to a merchant who passes calls on to this one: the call would go in circles')
	WHERE EXISTS (SELECT 1 FROM merchants WHERE phone_number IN (NEW.fallback_number, NEW.after_hours_number)
			UNION ALL SELECT 1 FROM merchant_numbers WHERE phone_number IN (NEW.fallback_number, NEW.after_hours_number))
		AND EXISTS (SELECT 1 FROM passed_on WHERE number IN
				(NEW.fallback_number, iif(NEW.after_hours = 'forward', NEW.after_hours_number, NULL))
			AND to_number IN (SELECT NEW.phone_number
				UNION ALL SELECT phone_number FROM merchant_numbers WHERE merchant_id = NEW.old_id))
		-- A circle that came with an older file keeps nobody from pausing one of its merchants.
		AND NOT EXISTS (SELECT 1 FROM merchants WHERE id = NEW.old_id AND phone_number = NEW.phone_number
			AND fallback_number IS NEW.fallback_number AND after_hours_number IS NEW.after_hours_number
			AND after_hours = NEW.after_hours);
END;

CREATE TRIGGER merchant_rules_after_hours INSTEAD OF INSERT ON merchant_rules BEGIN
	SELECT RAISE(ABORT, 'after_hours must be ai (answered as always), message (one is taken), voicemail, forward (to after_hours_number) or closed (the notice, no more)')
	WHERE NEW.after_hours IS NULL OR NEW.after_hours NOT IN ('ai', 'message', 'voicemail', 'forward', 'closed');
	SELECT RAISE(ABORT, 'after_hours_number must be NULL or in E.164 form, like +15550100')
	WHERE NOT coalesce(NEW.after_hours_number GLOB '+[1-9]*'
		AND substr(NEW.after_hours_number, 2) NOT GLOB '*[^0-9]*'
		AND length(CAST(NEW.after_hours_number AS BLOB)) BETWEEN 8 AND 16
		AND NOT instr(NEW.after_hours_number, char(0)), 1);
	SELECT RAISE(ABORT, 'after_hours_number must not be phone_number: the call would go in circles')
	WHERE NEW.phone_number = NEW.after_hours_number;
	SELECT RAISE(ABORT, 'after_hours = ''forward'' needs an after_hours_number: set both at once')
	WHERE NEW.after_hours = 'forward' AND NEW.after_hours_number IS NULL;
	SELECT RAISE(ABORT, 'after_hours_instructions must be at most 16000 bytes long')
	WHERE length(CAST(NEW.after_hours_instructions AS BLOB)) > 16000;
	SELECT RAISE(ABORT, 'after_hours_notice must be at most 2000 bytes long')
	WHERE length(CAST(NEW.after_hours_notice AS BLOB)) > 2000;
	INSERT INTO text_rules VALUES (NEW.after_hours_instructions, 1), (NEW.after_hours_notice, 1);
END;

CREATE TRIGGER merchant_rules_keeping INSTEAD OF INSERT ON merchant_rules BEGIN
	SELECT RAISE(ABORT, 'memory must be 1 (callers are remembered) or 0 (they are not)')
	WHERE NEW.memory IS NULL OR NEW.memory NOT IN (0, 1);
	SELECT RAISE(ABORT, 'memory_days must be 1 to 3650: to remember nobody set memory = 0')
	WHERE NOT coalesce(NEW.memory_days BETWEEN 1 AND 3650, 0);
	SELECT RAISE(ABORT, 'retention_days must be NULL (calls are kept for ever) or 1 to 36500')
	WHERE NOT coalesce(NEW.retention_days BETWEEN 1 AND 36500, NEW.retention_days IS NULL);
END;

CREATE TRIGGER merchant_rules_shield INSTEAD OF INSERT ON merchant_rules BEGIN
	SELECT RAISE(ABORT, 'anonymous must be accept, reject or voicemail: what callers without a number get')
	WHERE NEW.anonymous IS NULL OR NEW.anonymous NOT IN ('accept', 'reject', 'voicemail');
	SELECT RAISE(ABORT,
		'attestation must be any, not-failed (a number found to be forged is rejected) or passed (only numbers that were verified)')
	WHERE NEW.attestation IS NULL OR NEW.attestation NOT IN ('any', 'not-failed', 'passed');
	SELECT RAISE(ABORT, 'caller_calls_hour_max must be NULL (no limit) or 1 to 10000')
	WHERE NOT coalesce(NEW.caller_calls_hour_max BETWEEN 1 AND 10000, NEW.caller_calls_hour_max IS NULL);
	SELECT RAISE(ABORT, 'calls_hour_max must be NULL (no limit) or 1 to 100000: to take no calls set active = 0')
	WHERE NOT coalesce(NEW.calls_hour_max BETWEEN 1 AND 100000, NEW.calls_hour_max IS NULL);
END;

CREATE TRIGGER merchant_rules_texts INSTEAD OF INSERT ON merchant_rules BEGIN
	SELECT RAISE(ABORT, 'greeting must be at most 2000 bytes long')
	WHERE length(CAST(NEW.greeting AS BLOB)) > 2000;
	SELECT RAISE(ABORT, 'disclosure must be at most 2000 bytes long')
	WHERE length(CAST(NEW.disclosure AS BLOB)) > 2000;
	SELECT RAISE(ABORT, 'farewell must be at most 2000 bytes long')
	WHERE length(CAST(NEW.farewell AS BLOB)) > 2000;
	SELECT RAISE(ABORT, 'instructions must be at most 16000 bytes long')
	WHERE length(CAST(NEW.instructions AS BLOB)) > 16000;
	SELECT RAISE(ABORT,
		'greeting, disclosure, farewell and instructions must hold no control characters but tabs and line ends')
	FROM (SELECT NEW.greeting AS text UNION ALL SELECT NEW.disclosure UNION ALL SELECT NEW.farewell
		UNION ALL SELECT NEW.instructions)
	WHERE instr(text, char(0))
		OR text GLOB '*[' || char(1) || '-' || char(8, 11, 12, 14) || '-' || char(31, 127) || ']*';
	SELECT RAISE(ABORT,
		'name, greeting, disclosure, farewell and instructions must be UTF-8: check the terminal or file they come from')
	FROM (SELECT NEW.name AS text UNION ALL SELECT NEW.greeting UNION ALL SELECT NEW.disclosure
		UNION ALL SELECT NEW.farewell UNION ALL SELECT NEW.instructions)
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

CREATE TRIGGER merchant_rules_talk INSTEAD OF INSERT ON merchant_rules BEGIN
	SELECT RAISE(ABORT, 'hold_off_ms must be 0 to 1000, milliseconds')
	WHERE NOT coalesce(NEW.hold_off_ms BETWEEN 0 AND 1000, 0);
	SELECT RAISE(ABORT, 'protect_disclosure, protect_greeting and local_vad must be 1 (yes) or 0 (no)')
	WHERE NOT coalesce(NEW.protect_disclosure IN (0, 1) AND NEW.protect_greeting IN (0, 1)
		AND NEW.local_vad IN (0, 1), 0);
	SELECT RAISE(ABORT, 'vad_threshold must be 0.1 to 0.9')
	WHERE NOT coalesce(NEW.vad_threshold BETWEEN 0.1 AND 0.9, 0);
	SELECT RAISE(ABORT, 'vad_silence_ms must be 200 to 3000, milliseconds')
	WHERE NOT coalesce(NEW.vad_silence_ms BETWEEN 200 AND 3000, 0);
	SELECT RAISE(ABORT,
		'keypad must be text (Grok is told the digits), secret (only tools learn them) or off (ignored)')
	WHERE NEW.keypad IS NULL OR NEW.keypad NOT IN ('text', 'secret', 'off');
	SELECT RAISE(ABORT,
		'transfer_fallback must be ai (the receptionist returns), voicemail or apology')
	WHERE NEW.transfer_fallback IS NULL OR NEW.transfer_fallback NOT IN ('ai', 'voicemail', 'apology');
END;

CREATE TRIGGER merchant_rules_limits INSTEAD OF INSERT ON merchant_rules BEGIN
	SELECT RAISE(ABORT, 'calls_max must be NULL (no limit) or 1 to 10000: to take no calls set active = 0')
	WHERE NOT coalesce(NEW.calls_max BETWEEN 1 AND 10000, NEW.calls_max IS NULL);
	SELECT RAISE(ABORT, 'minutes_month_max must be NULL (no limit) or 1 to 10000000')
	WHERE NOT coalesce(NEW.minutes_month_max BETWEEN 1 AND 10000000, NEW.minutes_month_max IS NULL);
	SELECT RAISE(ABORT, 'dollars_month_max must be NULL (no limit) or 0.01 to 1000000')
	WHERE NOT coalesce(NEW.dollars_month_max BETWEEN 0.01 AND 1000000, NEW.dollars_month_max IS NULL);
	SELECT RAISE(ABORT, 'call_s_max must be NULL (no limit) or 30 to 86400, seconds')
	WHERE NOT coalesce(NEW.call_s_max BETWEEN 30 AND 86400, NEW.call_s_max IS NULL);
END;

CREATE TRIGGER merchant_rules_media INSTEAD OF INSERT ON merchant_rules BEGIN
	SELECT RAISE(ABORT,
		'recording_consent must be none (all is kept) or disclosure (nothing before it was heard to its end)')
	WHERE NEW.recording_consent IS NULL OR NEW.recording_consent NOT IN ('none', 'disclosure');
	SELECT RAISE(ABORT, 'video must be local (made here) or fal (made by fal.ai, for money)')
	WHERE NEW.video IS NULL OR NEW.video NOT IN ('local', 'fal');
	SELECT RAISE(ABORT, 'fal_dollars_call_max must be NULL (the service''s own limit) or 0 to 1000')
	WHERE NOT coalesce(NEW.fal_dollars_call_max BETWEEN 0 AND 1000, NEW.fal_dollars_call_max IS NULL);
	SELECT RAISE(ABORT, 'summary must be 1 (calls are summed up) or 0 (they are not)')
	WHERE NEW.summary IS NULL OR NEW.summary NOT IN (0, 1);
	SELECT RAISE(ABORT,
		'notify_url must be NULL or an https:// or http:// URL of at most 1000 bytes without spaces')
	WHERE NOT coalesce((NEW.notify_url GLOB 'https://?*' OR NEW.notify_url GLOB 'http://?*')
		AND NEW.notify_url NOT GLOB '*[^!-~]*' AND length(CAST(NEW.notify_url AS BLOB)) <= 1000
		AND NOT instr(NEW.notify_url, char(0)), NEW.notify_url IS NULL);
	SELECT RAISE(ABORT,
		'notify_secret must be 16 to 200 visible ASCII characters, and there must be one with notify_url')
	WHERE NOT coalesce(NEW.notify_secret NOT GLOB '*[^!-~]*' AND NOT instr(NEW.notify_secret, char(0))
		AND length(CAST(NEW.notify_secret AS BLOB)) BETWEEN 16 AND 200,
		NEW.notify_secret IS NULL AND NEW.notify_url IS NULL);
	SELECT RAISE(ABORT, 'notify_email must be NULL or one address like owner@bellas.example.com')
	WHERE NOT coalesce(NEW.notify_email GLOB '[A-Za-z0-9]*@?*.?*' AND NEW.notify_email NOT GLOB '*@*@*'
		AND NEW.notify_email NOT GLOB '*[^A-Za-z0-9.!#$%&''*+/=?^_`{|}~@-]*'
		AND length(CAST(NEW.notify_email AS BLOB)) <= 254 AND NOT instr(NEW.notify_email, char(0)),
		NEW.notify_email IS NULL);
END;

-- What every text of the tables below must be; put through this view as above.
CREATE VIEW text_rules AS SELECT NULL AS text, NULL AS may_have_lines WHERE 0;

CREATE TRIGGER text_rules_all INSTEAD OF INSERT ON text_rules WHEN NEW.text IS NOT NULL BEGIN
	SELECT RAISE(ABORT, 'a name, role, note or question must be one line without control characters')
	WHERE NOT NEW.may_have_lines
		AND (NEW.text GLOB '*[' || char(1) || '-' || char(31, 127) || ']*' OR instr(NEW.text, char(0)));
	SELECT RAISE(ABORT, 'a text must hold no control characters but tabs and line ends')
	WHERE instr(NEW.text, char(0))
		OR NEW.text GLOB '*[' || char(1) || '-' || char(8, 11, 12, 14) || '-' || char(31, 127) || ']*';
	SELECT RAISE(ABORT, 'a text must be UTF-8: check the terminal or file it comes from')
	FROM text_positions WHERE position <= length(NEW.text)
		AND NEW.text GLOB '*[^' || char(1) || '-' || char(127) || ']*'
		AND substr(NEW.text, position, 1) <> char(unicode(substr(NEW.text, position, 1)));
END;

-- Further numbers that callers dial; merchants.phone_number is the first, from which we call.
CREATE TABLE merchant_numbers(
	phone_number TEXT NOT NULL PRIMARY KEY,         -- E.164
	merchant_id  INTEGER NOT NULL REFERENCES merchants(id) ON DELETE CASCADE,
	note         TEXT,
	CONSTRAINT "phone_number must be in E.164 form: + and 7 to 15 digits, the first not 0, like +15550100"
		CHECK (phone_number GLOB '+[1-9]*' AND substr(phone_number, 2) NOT GLOB '*[^0-9]*'
			AND length(CAST(phone_number AS BLOB)) BETWEEN 8 AND 16
			AND length(phone_number) = length(CAST(phone_number AS BLOB))),
	CONSTRAINT "note must be at most 300 bytes long" CHECK (length(CAST(note AS BLOB)) <= 300)
) STRICT;

CREATE INDEX merchant_numbers_by_merchant ON merchant_numbers(merchant_id);

CREATE VIEW number_rules AS SELECT NULL AS old_number, * FROM merchant_numbers WHERE 0;

CREATE TRIGGER merchant_numbers_insert BEFORE INSERT ON merchant_numbers BEGIN
	INSERT INTO number_rules VALUES (NULL, NEW.phone_number, NEW.merchant_id, NEW.note);
END;

CREATE TRIGGER merchant_numbers_update BEFORE UPDATE ON merchant_numbers BEGIN
	INSERT INTO number_rules VALUES (OLD.phone_number, NEW.phone_number, NEW.merchant_id, NEW.note);
END;

CREATE TRIGGER number_rules_all INSTEAD OF INSERT ON number_rules BEGIN
	SELECT RAISE(ABORT, 'merchant_id must be the id of a merchant')
	WHERE NEW.merchant_id NOT IN (SELECT id FROM merchants);
	SELECT RAISE(ABORT, 'phone_number belongs to a merchant already')
	WHERE NEW.phone_number IN (SELECT phone_number FROM merchants)
		OR NEW.phone_number IS NOT NEW.old_number
			AND NEW.phone_number IN (SELECT phone_number FROM merchant_numbers);
	SELECT RAISE(ABORT, 'phone_number must not be a number that the merchant''s calls are passed on to: the call would go in circles')
	WHERE EXISTS (SELECT 1 FROM merchants WHERE id = NEW.merchant_id
			AND NEW.phone_number IN (fallback_number, transfer_number, after_hours_number))
		OR EXISTS (SELECT 1 FROM merchant_staff WHERE merchant_id = NEW.merchant_id AND number = NEW.phone_number)
		OR EXISTS (SELECT 1 FROM merchant_keys WHERE merchant_id = NEW.merchant_id AND number = NEW.phone_number);
	SELECT RAISE(ABORT, 'phone_number is where a merchant ends up to whom this one passes calls on: the call would go in circles')
	WHERE EXISTS (SELECT 1 FROM passed_on WHERE to_number = NEW.phone_number
		AND number IN (SELECT phone_number FROM merchants WHERE id = NEW.merchant_id));
	SELECT RAISE(ABORT, 'a merchant has at most 50 further numbers')
	WHERE (SELECT count(*) FROM merchant_numbers WHERE merchant_id = NEW.merchant_id
		AND phone_number IS NOT NEW.phone_number AND phone_number IS NOT NEW.old_number) >= 50;
	INSERT INTO text_rules VALUES (NEW.note, 0);
END;

-- What merchants refer to stays, also where foreign keys are not enforced.
CREATE TRIGGER voices_update BEFORE UPDATE ON voices BEGIN
	SELECT RAISE(ABORT, 'a merchant has this voice: change that first')
	WHERE OLD.name IN (SELECT voice FROM merchants) AND NEW.name <> OLD.name;
END;

CREATE TRIGGER voices_delete BEFORE DELETE ON voices BEGIN
	SELECT RAISE(ABORT, 'a merchant has this voice: change that first')
	WHERE OLD.name IN (SELECT voice FROM merchants);
END;

CREATE TRIGGER time_zones_update BEFORE UPDATE ON time_zones BEGIN
	SELECT RAISE(ABORT, 'a time zone cannot be changed: insert another');
END;

CREATE TRIGGER time_zones_delete BEFORE DELETE ON time_zones BEGIN
	SELECT RAISE(ABORT, 'a merchant has this time zone, or may have: UTC stays')
	WHERE OLD.name = 'UTC' OR OLD.name IN (SELECT time_zone FROM merchants);
END;

-- What a key of the telephone does. Keys without a row do what merchants.keypad says.
CREATE TABLE merchant_keys(
	merchant_id INTEGER NOT NULL REFERENCES merchants(id) ON DELETE CASCADE,
	digit       TEXT NOT NULL,
	action      TEXT NOT NULL,                      -- transfer, message or end
	number      TEXT,                               -- of a transfer; NULL: the merchant's transfer_number
	PRIMARY KEY (merchant_id, digit),
	CONSTRAINT "digit must be one of 0 to 9, * and #"
		CHECK (digit GLOB '[0-9*#]' AND length(CAST(digit AS BLOB)) = 1),
	CONSTRAINT "action must be transfer (to a person), message (one is taken) or end (the call)"
		CHECK (action IN ('transfer', 'message', 'end')),
	CONSTRAINT "number must be NULL or in E.164 form, like +15550100, and is for action = 'transfer' only"
		CHECK (number IS NULL OR (action = 'transfer' AND number GLOB '+[1-9]*'
			AND substr(number, 2) NOT GLOB '*[^0-9]*' AND length(CAST(number AS BLOB)) BETWEEN 8 AND 16))
) STRICT, WITHOUT ROWID;

-- When the merchant is open, in its time zone. No rows: not known. Tuesday 17:00 to 02:00 ends on Wednesday.
CREATE TABLE merchant_hours(
	merchant_id INTEGER NOT NULL REFERENCES merchants(id) ON DELETE CASCADE,
	weekday     INTEGER NOT NULL,                   -- 0 Monday … 6 Sunday
	opens       TEXT NOT NULL,                      -- HH:MM
	closes      TEXT NOT NULL,                      -- HH:MM, up to 24:00; not after opens: on the next day
	PRIMARY KEY (merchant_id, weekday, opens),
	CONSTRAINT "weekday must be 0 (Monday) to 6 (Sunday)" CHECK (weekday BETWEEN 0 AND 6),
	CONSTRAINT "opens must be a time like 09:00, from 00:00 to 23:59"
		CHECK (opens GLOB '[0-2][0-9]:[0-5][0-9]' AND length(CAST(opens AS BLOB)) = 5 AND opens < '24:00'),
	CONSTRAINT "closes must be a time like 17:30, from 00:01 to 24:00"
		CHECK (closes GLOB '[0-2][0-9]:[0-5][0-9]' AND length(CAST(closes AS BLOB)) = 5
			AND closes BETWEEN '00:01' AND '24:00'),
	CONSTRAINT "opens and closes must differ: 00:00 to 24:00 is the whole day" CHECK (opens <> closes)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER merchant_hours_insert BEFORE INSERT ON merchant_hours BEGIN
	SELECT RAISE(ABORT, 'merchant_id must be the id of a merchant')
	WHERE NEW.merchant_id NOT IN (SELECT id FROM merchants);
	SELECT RAISE(ABORT, 'a day has at most 4 opening times')
	WHERE (SELECT count(*) FROM merchant_hours WHERE merchant_id = NEW.merchant_id AND weekday = NEW.weekday
		AND opens <> NEW.opens) >= 4;
END;

CREATE TRIGGER merchant_hours_update BEFORE UPDATE ON merchant_hours BEGIN
	SELECT RAISE(ABORT, 'merchant_id and weekday cannot be changed: delete the row and insert another')
	WHERE NEW.merchant_id <> OLD.merchant_id OR NEW.weekday <> OLD.weekday;
END;

-- Holidays and special days, in the merchant's time zone. A day that is here has these times and not those of
-- merchant_hours; the date of one year goes before that of every year.
CREATE TABLE merchant_days(
	merchant_id INTEGER NOT NULL REFERENCES merchants(id) ON DELETE CASCADE,
	day         TEXT NOT NULL,                      -- 2026-12-24, or 12-25 of every year
	opens       TEXT,                               -- HH:MM; NULL: closed all day
	closes      TEXT,                               -- HH:MM, up to 24:00; not after opens: on the next day
	note        TEXT,                               -- why: "Christmas"
	UNIQUE (merchant_id, day, opens),
	CONSTRAINT "day must be a date like 2026-12-24, or 12-25 for every year"
		CHECK (coalesce(CASE WHEN day GLOB '[0-9][0-9]-[0-9][0-9]' THEN '2000-' || day = date('2000-' || day, '+0 days')
			WHEN day GLOB '20[0-9][0-9]-[0-9][0-9]-[0-9][0-9]' THEN day = date(day, '+0 days') END, 0)),
	CONSTRAINT "opens must be NULL (closed all day) or a time like 09:00, from 00:00 to 23:59"
		CHECK (opens GLOB '[0-2][0-9]:[0-5][0-9]' AND length(CAST(opens AS BLOB)) = 5 AND opens < '24:00'),
	CONSTRAINT "closes must be NULL (closed all day) or a time like 17:30, from 00:01 to 24:00"
		CHECK (closes GLOB '[0-2][0-9]:[0-5][0-9]' AND length(CAST(closes AS BLOB)) = 5
			AND closes BETWEEN '00:01' AND '24:00'),
	CONSTRAINT "opens and closes are both given, or both NULL: closed all day"
		CHECK ((opens IS NULL) = (closes IS NULL)),
	CONSTRAINT "opens and closes must differ: 00:00 to 24:00 is the whole day" CHECK (opens <> closes),
	CONSTRAINT "note must be at most 300 bytes long" CHECK (length(CAST(note AS BLOB)) <= 300)
) STRICT;

CREATE TRIGGER merchant_days_insert BEFORE INSERT ON merchant_days BEGIN
	SELECT RAISE(ABORT, 'merchant_id must be the id of a merchant')
	WHERE NEW.merchant_id NOT IN (SELECT id FROM merchants);
	SELECT RAISE(ABORT, 'a day is closed or has opening times: it is here already as the other, delete that first')
	WHERE EXISTS (SELECT 1 FROM merchant_days WHERE merchant_id = NEW.merchant_id AND day = NEW.day
		AND (opens IS NULL) <> (NEW.opens IS NULL));
	SELECT RAISE(ABORT, 'this day is closed already')
	WHERE NEW.opens IS NULL AND EXISTS (SELECT 1 FROM merchant_days WHERE merchant_id = NEW.merchant_id
		AND day = NEW.day AND opens IS NULL);
	SELECT RAISE(ABORT, 'a day has at most 4 opening times')
	WHERE (SELECT count(*) FROM merchant_days WHERE merchant_id = NEW.merchant_id AND day = NEW.day
		AND opens IS NOT NEW.opens) >= 4;
	SELECT RAISE(ABORT, 'a merchant has at most 1000 rows in merchant_days: delete those of years gone by')
	WHERE (SELECT count(*) FROM merchant_days WHERE merchant_id = NEW.merchant_id) >= 1000;
	INSERT INTO text_rules VALUES (NEW.note, 0);
END;

CREATE TRIGGER merchant_days_update BEFORE UPDATE ON merchant_days BEGIN
	SELECT RAISE(ABORT, 'merchant_id and day cannot be changed, nor a closed day opened: delete the row and insert another')
	WHERE NEW.merchant_id <> OLD.merchant_id OR NEW.day <> OLD.day OR (NEW.opens IS NULL) <> (OLD.opens IS NULL);
	INSERT INTO text_rules VALUES (NEW.note, 0);
END;

-- Questions that callers ask, with the answers that the receptionist gives.
CREATE TABLE merchant_faq(
	id          INTEGER PRIMARY KEY,
	merchant_id INTEGER NOT NULL REFERENCES merchants(id) ON DELETE CASCADE,
	question    TEXT NOT NULL,
	answer      TEXT NOT NULL,
	active      INTEGER NOT NULL DEFAULT 1,         -- 0: not told to the receptionist
	UNIQUE (merchant_id, question),
	CONSTRAINT "question must be 1 to 300 bytes long" CHECK (length(CAST(question AS BLOB)) BETWEEN 1 AND 300),
	CONSTRAINT "answer must be 1 to 1500 bytes long" CHECK (length(CAST(answer AS BLOB)) BETWEEN 1 AND 1500),
	CONSTRAINT "active must be 1 (yes) or 0 (no)" CHECK (active IN (0, 1))
) STRICT;

CREATE VIEW faq_rules AS SELECT NULL AS old_id, * FROM merchant_faq WHERE 0;

CREATE TRIGGER merchant_faq_insert BEFORE INSERT ON merchant_faq BEGIN
	INSERT INTO faq_rules VALUES (NULL, NEW.id, NEW.merchant_id, NEW.question, NEW.answer, NEW.active);
END;

CREATE TRIGGER merchant_faq_update BEFORE UPDATE ON merchant_faq BEGIN
	SELECT RAISE(ABORT, 'id and merchant_id cannot be changed: delete the row and insert another')
	WHERE NEW.id IS NOT OLD.id OR NEW.merchant_id <> OLD.merchant_id;
	INSERT INTO faq_rules VALUES (OLD.id, NEW.id, NEW.merchant_id, NEW.question, NEW.answer, NEW.active);
END;

CREATE TRIGGER faq_rules_all INSTEAD OF INSERT ON faq_rules BEGIN
	SELECT RAISE(ABORT, 'merchant_id must be the id of a merchant')
	WHERE NEW.merchant_id NOT IN (SELECT id FROM merchants);
	SELECT RAISE(ABORT, 'a merchant has at most 100 questions')
	WHERE (SELECT count(*) FROM merchant_faq WHERE merchant_id = NEW.merchant_id
		AND question IS NOT NEW.question AND id IS NOT NEW.old_id) >= 100;
	SELECT RAISE(ABORT, 'all active questions and answers of a merchant together must have at most 24000 bytes: the receptionist is told all of them')
	FROM (SELECT sum(length(CAST(question AS BLOB)) + length(CAST(answer AS BLOB))) AS others FROM merchant_faq
		WHERE merchant_id = NEW.merchant_id AND active AND question IS NOT NEW.question AND id IS NOT NEW.old_id)
	WHERE NEW.active AND coalesce(others, 0) + length(CAST(NEW.question AS BLOB))
		+ length(CAST(NEW.answer AS BLOB)) > 24000;
	INSERT INTO text_rules VALUES (NEW.question, 0), (NEW.answer, 1);
END;

-- People to whom the receptionist can hand a caller over, beside transfer_number.
CREATE TABLE merchant_staff(
	id          INTEGER PRIMARY KEY,
	merchant_id INTEGER NOT NULL REFERENCES merchants(id) ON DELETE CASCADE,
	name        TEXT NOT NULL COLLATE NOCASE,       -- as callers ask for them
	role        TEXT,                               -- "orders and invoices"
	number      TEXT NOT NULL,                      -- E.164
	active      INTEGER NOT NULL DEFAULT 1,         -- 0: nobody is handed over to them
	UNIQUE (merchant_id, name),
	CONSTRAINT "name must be 1 to 100 bytes long" CHECK (length(CAST(trim(name) AS BLOB)) > 0
		AND length(CAST(name AS BLOB)) <= 100),
	CONSTRAINT "role must be at most 200 bytes long" CHECK (length(CAST(role AS BLOB)) <= 200),
	CONSTRAINT "number must be in E.164 form: + and 7 to 15 digits, the first not 0, like +15550100"
		CHECK (number GLOB '+[1-9]*' AND substr(number, 2) NOT GLOB '*[^0-9]*'
			AND length(CAST(number AS BLOB)) BETWEEN 8 AND 16 AND length(number) = length(CAST(number AS BLOB))),
	CONSTRAINT "active must be 1 (yes) or 0 (no)" CHECK (active IN (0, 1))
) STRICT;

CREATE VIEW staff_rules AS SELECT NULL AS old_id, * FROM merchant_staff WHERE 0;

CREATE TRIGGER merchant_staff_insert BEFORE INSERT ON merchant_staff BEGIN
	INSERT INTO staff_rules VALUES (NULL, NEW.id, NEW.merchant_id, NEW.name, NEW.role, NEW.number, NEW.active);
END;

CREATE TRIGGER merchant_staff_update BEFORE UPDATE ON merchant_staff BEGIN
	SELECT RAISE(ABORT, 'id and merchant_id cannot be changed: delete the row and insert another')
	WHERE NEW.id IS NOT OLD.id OR NEW.merchant_id <> OLD.merchant_id;
	INSERT INTO staff_rules VALUES (OLD.id, NEW.id, NEW.merchant_id, NEW.name, NEW.role, NEW.number, NEW.active);
END;

CREATE TRIGGER merchant_staff_delete BEFORE DELETE ON merchant_staff BEGIN
	DELETE FROM staff_hours WHERE staff_id = OLD.id;
END;

CREATE TRIGGER staff_rules_all INSTEAD OF INSERT ON staff_rules BEGIN
	SELECT RAISE(ABORT, 'merchant_id must be the id of a merchant')
	WHERE NEW.merchant_id NOT IN (SELECT id FROM merchants);
	SELECT RAISE(ABORT, 'a merchant has at most 50 people in merchant_staff')
	WHERE (SELECT count(*) FROM merchant_staff WHERE merchant_id = NEW.merchant_id
		AND name IS NOT NEW.name AND id IS NOT NEW.old_id) >= 50;
	SELECT RAISE(ABORT, 'number must not be one that the merchant''s callers dial: the call would go in circles')
	WHERE NEW.number IN (SELECT phone_number FROM merchants WHERE id = NEW.merchant_id
		UNION ALL SELECT phone_number FROM merchant_numbers WHERE merchant_id = NEW.merchant_id);
	INSERT INTO text_rules VALUES (NEW.name, 0), (NEW.role, 0);
END;

-- When they can be reached, in the merchant's time zone. No rows: always.
CREATE TABLE staff_hours(
	staff_id INTEGER NOT NULL REFERENCES merchant_staff(id) ON DELETE CASCADE,
	weekday  INTEGER NOT NULL,                      -- 0 Monday … 6 Sunday
	opens    TEXT NOT NULL,                         -- HH:MM
	closes   TEXT NOT NULL,                         -- HH:MM, up to 24:00; not after opens: on the next day
	PRIMARY KEY (staff_id, weekday, opens),
	CONSTRAINT "weekday must be 0 (Monday) to 6 (Sunday)" CHECK (weekday BETWEEN 0 AND 6),
	CONSTRAINT "opens must be a time like 09:00, from 00:00 to 23:59"
		CHECK (opens GLOB '[0-2][0-9]:[0-5][0-9]' AND length(CAST(opens AS BLOB)) = 5 AND opens < '24:00'),
	CONSTRAINT "closes must be a time like 17:30, from 00:01 to 24:00"
		CHECK (closes GLOB '[0-2][0-9]:[0-5][0-9]' AND length(CAST(closes AS BLOB)) = 5
			AND closes BETWEEN '00:01' AND '24:00'),
	CONSTRAINT "opens and closes must differ: 00:00 to 24:00 is the whole day" CHECK (opens <> closes)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER staff_hours_insert BEFORE INSERT ON staff_hours BEGIN
	SELECT RAISE(ABORT, 'staff_id must be the id of a row in merchant_staff')
	WHERE NEW.staff_id NOT IN (SELECT id FROM merchant_staff);
	SELECT RAISE(ABORT, 'a day has at most 4 times')
	WHERE (SELECT count(*) FROM staff_hours WHERE staff_id = NEW.staff_id AND weekday = NEW.weekday
		AND opens <> NEW.opens) >= 4;
END;

CREATE TRIGGER staff_hours_update BEFORE UPDATE ON staff_hours BEGIN
	SELECT RAISE(ABORT, 'staff_id and weekday cannot be changed: delete the row and insert another')
	WHERE NEW.staff_id <> OLD.staff_id OR NEW.weekday <> OLD.weekday;
END;

CREATE VIEW key_rules AS SELECT * FROM merchant_keys WHERE 0;

CREATE TRIGGER merchant_keys_insert BEFORE INSERT ON merchant_keys BEGIN
	SELECT RAISE(ABORT, 'merchant_id must be the id of a merchant')
	WHERE NEW.merchant_id NOT IN (SELECT id FROM merchants);
	INSERT INTO key_rules VALUES (NEW.merchant_id, NEW.digit, NEW.action, NEW.number);
END;

CREATE TRIGGER merchant_keys_update BEFORE UPDATE ON merchant_keys BEGIN
	SELECT RAISE(ABORT, 'merchant_id cannot be changed: delete the row and insert another')
	WHERE NEW.merchant_id <> OLD.merchant_id;
	INSERT INTO key_rules VALUES (NEW.merchant_id, NEW.digit, NEW.action, NEW.number);
END;

CREATE TRIGGER key_rules_all INSTEAD OF INSERT ON key_rules WHEN NEW.action = 'transfer' BEGIN
	SELECT RAISE(ABORT, 'number must not be one that the merchant''s callers dial: the call would go in circles')
	WHERE NEW.number IN (SELECT phone_number FROM merchants WHERE id = NEW.merchant_id
		UNION ALL SELECT phone_number FROM merchant_numbers WHERE merchant_id = NEW.merchant_id);
END;

-- What the receptionist can do beside talking, transferring, taking messages and telling the opening hours.
CREATE TABLE merchant_tools(
	merchant_id   INTEGER NOT NULL REFERENCES merchants(id) ON DELETE CASCADE,
	name          TEXT NOT NULL,                    -- by which the model calls it
	kind          TEXT NOT NULL DEFAULT 'http',     -- http: ours to call; mcp, web_search, x_search: Grok's
	description   TEXT,                             -- for the model: what it does and when to use it
	parameters    TEXT,                             -- of http: a JSON Schema object; NULL: none
	url           TEXT,                             -- of http and mcp
	secret        TEXT,                             -- of http: signs requests; of mcp: sent as authorization
	timeout_ms    INTEGER NOT NULL DEFAULT 5000,
	retry         INTEGER NOT NULL DEFAULT 0,       -- 1: asking twice does no harm
	allow_private INTEGER NOT NULL DEFAULT 0,       -- 1: the URL may lead into a private network
	digits        INTEGER NOT NULL DEFAULT 0,       -- 1: it gets the digits that keypad = 'secret' keeps
	options       TEXT,                             -- of the others: a JSON object of further fields for Grok
	active        INTEGER NOT NULL DEFAULT 1,
	PRIMARY KEY (merchant_id, name),
	CONSTRAINT "name must be 1 to 64 letters, digits, - and _, the first no digit and no -"
		CHECK (name GLOB '[A-Za-z_]*' AND name NOT GLOB '*[^A-Za-z0-9_-]*' AND length(CAST(name AS BLOB)) <= 64),
	CONSTRAINT "name must not be end_call, transfer_call, take_message, business_hours or stop_recording: the relay's"
		CHECK (name NOT IN ('end_call', 'transfer_call', 'take_message', 'business_hours', 'stop_recording')),
	CONSTRAINT "kind must be http, mcp, web_search or x_search"
		CHECK (kind IN ('http', 'mcp', 'web_search', 'x_search')),
	CONSTRAINT "description must be 1 to 1000 bytes long; kind = 'http' needs one"
		CHECK (coalesce(length(CAST(description AS BLOB)) BETWEEN 1 AND 1000, kind <> 'http')),
	CONSTRAINT "url must begin with https:// or http://, hold no spaces and have at most 1000 bytes; it is for kind = 'http' and 'mcp', which need one"
		CHECK (iif(kind IN ('http', 'mcp'), coalesce((url GLOB 'https://?*' OR url GLOB 'http://?*')
			AND url NOT GLOB '*[^!-~]*' AND length(CAST(url AS BLOB)) <= 1000, 0), url IS NULL)),
	CONSTRAINT "secret must be 16 to 200 printable characters without spaces, and is for kind = 'http' and 'mcp' only"
		CHECK (secret IS NULL OR (kind IN ('http', 'mcp') AND secret NOT GLOB '*[^!-~]*'
			AND length(CAST(secret AS BLOB)) BETWEEN 16 AND 200)),
	CONSTRAINT "timeout_ms must be 100 to 30000, milliseconds" CHECK (timeout_ms BETWEEN 100 AND 30000),
	CONSTRAINT "retry, allow_private, digits and active must be 1 (yes) or 0 (no)"
		CHECK (retry IN (0, 1) AND allow_private IN (0, 1) AND digits IN (0, 1) AND active IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE VIEW tool_rules AS SELECT NULL AS old_name, * FROM merchant_tools WHERE 0;

CREATE TRIGGER merchant_tools_insert BEFORE INSERT ON merchant_tools BEGIN
	INSERT INTO tool_rules VALUES (NULL, NEW.merchant_id, NEW.name, NEW.kind, NEW.description, NEW.parameters,
		NEW.url, NEW.secret, NEW.timeout_ms, NEW.retry, NEW.allow_private, NEW.digits, NEW.options, NEW.active);
END;

CREATE TRIGGER merchant_tools_update BEFORE UPDATE ON merchant_tools BEGIN
	SELECT RAISE(ABORT, 'merchant_id cannot be changed: delete the row and insert another')
	WHERE NEW.merchant_id <> OLD.merchant_id;
	INSERT INTO tool_rules VALUES (OLD.name, NEW.merchant_id, NEW.name, NEW.kind, NEW.description, NEW.parameters,
		NEW.url, NEW.secret, NEW.timeout_ms, NEW.retry, NEW.allow_private, NEW.digits, NEW.options, NEW.active);
END;

CREATE TRIGGER tool_rules_all INSTEAD OF INSERT ON tool_rules BEGIN
	SELECT RAISE(ABORT, 'merchant_id must be the id of a merchant')
	WHERE NEW.merchant_id NOT IN (SELECT id FROM merchants);
	SELECT RAISE(ABORT, 'a merchant has at most 16 tools')
	WHERE (SELECT count(*) FROM merchant_tools WHERE merchant_id = NEW.merchant_id
		AND name IS NOT NEW.name AND name IS NOT NEW.old_name) >= 16;
	SELECT RAISE(ABORT, 'all tools of a merchant together must have at most 24000 bytes of text')
	FROM (SELECT sum(length(CAST(name || coalesce(description, '') || coalesce(parameters, '') || coalesce(url, '')
		|| coalesce(secret, '') || coalesce(options, '') AS BLOB))) AS others FROM merchant_tools
		WHERE merchant_id = NEW.merchant_id AND name IS NOT NEW.name AND name IS NOT NEW.old_name)
	WHERE coalesce(others, 0) + length(CAST(NEW.name || coalesce(NEW.description, '') || coalesce(NEW.parameters, '')
		|| coalesce(NEW.url, '') || coalesce(NEW.secret, '') || coalesce(NEW.options, '') AS BLOB)) > 24000;
	SELECT RAISE(ABORT, 'description must hold no control characters but tabs and line ends')
	WHERE instr(NEW.description, char(0)) OR NEW.description GLOB '*[' || char(1) || '-' || char(8, 11, 12, 14)
		|| '-' || char(31, 127) || ']*';
	-- JSON's functions are for trusted schemas only: here, where the programs never come by, not in a CHECK.
	SELECT RAISE(ABORT,
		'parameters must be a JSON Schema of at most 4000 bytes with "type":"object", and are for kind http only')
	WHERE NEW.parameters IS NOT NULL AND NOT (NEW.kind = 'http' AND length(CAST(NEW.parameters AS BLOB)) <= 4000
		AND iif(json_valid(NEW.parameters) AND NOT instr(NEW.parameters, char(0)),
			json_type(NEW.parameters) = 'object'
			AND coalesce(json_extract(NEW.parameters, '$.type') = 'object', 0), 0));
	SELECT RAISE(ABORT, 'options must be a JSON object of at most 2000 bytes, and are not for kind http')
	WHERE NEW.options IS NOT NULL AND NOT (NEW.kind <> 'http' AND length(CAST(NEW.options AS BLOB)) <= 2000
		AND iif(json_valid(NEW.options) AND NOT instr(NEW.options, char(0)), json_type(NEW.options) = 'object', 0));
	SELECT RAISE(ABORT, 'description, parameters and options must be UTF-8: check the terminal or file they come from')
	FROM (SELECT NEW.description AS text UNION ALL SELECT NEW.parameters UNION ALL SELECT NEW.options)
	JOIN text_positions ON position <= length(text)
	WHERE text GLOB '*[^' || char(1) || '-' || char(127) || ']*'
		AND substr(text, position, 1) <> char(unicode(substr(text, position, 1)));
END;

-- Callers -------------------------------------------------------------------------------------------

-- Who is not let through, and who always is. The longest that fits counts: a number more than how it begins; the
-- merchant's own more than one for all; an allow more than a block.
CREATE TABLE caller_rules(
	id          INTEGER PRIMARY KEY,
	merchant_id INTEGER REFERENCES merchants(id) ON DELETE CASCADE, -- NULL: for all merchants
	number      TEXT NOT NULL,                      -- +14155550123, or how it begins: +1900*
	rule        TEXT NOT NULL DEFAULT 'block',      -- block or allow
	note        TEXT,
	until_ms    INTEGER,                            -- NULL: for ever
	created_ms  INTEGER NOT NULL DEFAULT (CAST(strftime('%s', 'now') AS INTEGER) * 1000),
	CONSTRAINT "number must be like +14155550123, or the first digits and a star: +1900*"
		CHECK (number GLOB '+[1-9]*' AND rtrim(substr(number, 2), '*') NOT GLOB '*[^0-9]*'
			AND number NOT GLOB '*[*][*]' AND length(number) = length(CAST(number AS BLOB))
			AND iif(number GLOB '*[*]', length(number) BETWEEN 3 AND 16, length(number) BETWEEN 8 AND 16)),
	CONSTRAINT "rule must be block or allow" CHECK (rule IN ('block', 'allow')),
	CONSTRAINT "note must be at most 300 bytes long" CHECK (length(CAST(note AS BLOB)) <= 300),
	CONSTRAINT "until_ms must be NULL (for ever) or milliseconds since 1970, like unixepoch('2027-01-31') * 1000"
		CHECK (until_ms BETWEEN 1000000000000 AND 100000000000000)
) STRICT;

-- Its name is what somebody reads who writes a second one.
CREATE UNIQUE INDEX "a number has one rule: UPDATE it, or DELETE it first"
	ON caller_rules(coalesce(merchant_id, 0), number);

CREATE TRIGGER caller_rules_insert BEFORE INSERT ON caller_rules BEGIN
	SELECT RAISE(ABORT, 'merchant_id must be the id of a merchant, or NULL: for all')
	WHERE NEW.merchant_id NOT IN (SELECT id FROM merchants);
	-- All rows are counted at once, those of one merchant one by one: only where it has to be.
	SELECT RAISE(ABORT, 'there are at most 20000 rules of a merchant, and 20000 for all: block prefixes like +1900*')
	WHERE iif((SELECT count(*) FROM caller_rules) < 20000, 0, (SELECT count(*) FROM caller_rules
		WHERE coalesce(merchant_id, 0) = coalesce(NEW.merchant_id, 0) AND number <> NEW.number) >= 20000);
	INSERT INTO text_rules VALUES (NEW.note, 0);
END;

CREATE TRIGGER caller_rules_update BEFORE UPDATE ON caller_rules BEGIN
	SELECT RAISE(ABORT, 'id and merchant_id cannot be changed: delete the row and insert another')
	WHERE NEW.id IS NOT OLD.id OR NEW.merchant_id IS NOT OLD.merchant_id;
	INSERT INTO text_rules VALUES (NEW.note, 0);
END;

-- What people know of a caller; told to the receptionist when that number calls.
CREATE TABLE caller_notes(
	merchant_id INTEGER NOT NULL REFERENCES merchants(id) ON DELETE CASCADE,
	number      TEXT NOT NULL,                      -- E.164
	name        TEXT,
	note        TEXT,
	PRIMARY KEY (merchant_id, number),
	CONSTRAINT "number must be in E.164 form: + and 7 to 15 digits, the first not 0, like +15550100"
		CHECK (number GLOB '+[1-9]*' AND substr(number, 2) NOT GLOB '*[^0-9]*'
			AND length(CAST(number AS BLOB)) BETWEEN 8 AND 16 AND length(number) = length(CAST(number AS BLOB))),
	CONSTRAINT "name must be at most 100, note at most 1000 bytes long"
		CHECK (coalesce(length(CAST(name AS BLOB)), 0) <= 100 AND coalesce(length(CAST(note AS BLOB)), 0) <= 1000),
	CONSTRAINT "a name or a note must be given" CHECK (coalesce(name, note, '') <> '')
) STRICT, WITHOUT ROWID;

CREATE TRIGGER caller_notes_insert BEFORE INSERT ON caller_notes BEGIN
	SELECT RAISE(ABORT, 'merchant_id must be the id of a merchant')
	WHERE NEW.merchant_id NOT IN (SELECT id FROM merchants);
	SELECT RAISE(ABORT, 'a merchant has at most 20000 rows in caller_notes')
	WHERE iif((SELECT count(*) FROM caller_notes) < 20000, 0, (SELECT count(*) FROM caller_notes
		WHERE merchant_id = NEW.merchant_id AND number <> NEW.number) >= 20000);
	INSERT INTO text_rules VALUES (NEW.name, 0), (NEW.note, 1);
END;

CREATE TRIGGER caller_notes_update BEFORE UPDATE ON caller_notes BEGIN
	SELECT RAISE(ABORT, 'merchant_id cannot be changed: delete the row and insert another')
	WHERE NEW.merchant_id <> OLD.merchant_id;
	INSERT INTO text_rules VALUES (NEW.name, 0), (NEW.note, 1);
END;

-- What was said when a caller called last; written where merchants.memory = 1.
CREATE TABLE caller_memory(
	merchant_id   INTEGER NOT NULL REFERENCES merchants(id) ON DELETE CASCADE,
	number        TEXT NOT NULL,                    -- E.164
	last_call_sid TEXT NOT NULL,
	last_ms       INTEGER NOT NULL,                 -- when that call ended
	calls         INTEGER NOT NULL DEFAULT 1,       -- that went into it
	text          TEXT NOT NULL,
	PRIMARY KEY (merchant_id, number),
	CONSTRAINT "number is + and 7 to 15 digits, like +14155550123"
		CHECK (number GLOB '+[1-9]*' AND substr(number, 2) NOT GLOB '*[^0-9]*' AND length(number) BETWEEN 8 AND 16),
	CONSTRAINT "last_call_sid is 1 to 64 and text 1 to 4000 bytes long"
		CHECK (length(CAST(last_call_sid AS BLOB)) BETWEEN 1 AND 64 AND length(CAST(text AS BLOB)) BETWEEN 1 AND 4000),
	CONSTRAINT "calls is at least 1" CHECK (calls >= 1)
) STRICT, WITHOUT ROWID;

CREATE INDEX caller_memory_by_age ON caller_memory(merchant_id, last_ms);

CREATE TRIGGER caller_memory_insert BEFORE INSERT ON caller_memory BEGIN
	SELECT RAISE(ABORT, 'merchant_id must be the id of a merchant')
	WHERE NEW.merchant_id NOT IN (SELECT id FROM merchants);
	INSERT INTO text_rules VALUES (NEW.text, 1);
END;

CREATE TRIGGER caller_memory_update BEFORE UPDATE ON caller_memory BEGIN
	SELECT RAISE(ABORT, 'merchant_id and number cannot be changed: delete the row')
	WHERE NEW.merchant_id <> OLD.merchant_id OR NEW.number <> OLD.number;
	INSERT INTO text_rules VALUES (NEW.text, 1);
END;

-- Calls that were not let through, and those that a rule let through.
CREATE TABLE screenings(
	id            INTEGER PRIMARY KEY,
	call_sid      TEXT NOT NULL UNIQUE,
	merchant_id   INTEGER NOT NULL REFERENCES merchants(id) ON DELETE CASCADE,
	caller_number TEXT NOT NULL,                    -- as Twilio gave it; may be anonymous
	called_number TEXT NOT NULL,
	at_ms         INTEGER NOT NULL,
	verdict       TEXT NOT NULL,
	reason        TEXT NOT NULL,
	attestation   TEXT,                             -- what STIR/SHAKEN said of the number
	CONSTRAINT "call_sid is 1 to 64 letters, digits, - and _"
		CHECK (call_sid <> '' AND call_sid NOT GLOB '*[^A-Za-z0-9_-]*' AND length(CAST(call_sid AS BLOB)) <= 64),
	CONSTRAINT "caller_number and called_number are at most 64 bytes long"
		CHECK (length(CAST(caller_number AS BLOB)) <= 64 AND length(CAST(called_number AS BLOB)) <= 64),
	CONSTRAINT "verdict is reject, voicemail or accept" CHECK (verdict IN ('reject', 'voicemail', 'accept')),
	CONSTRAINT "reason is blocked, anonymous, attestation, caller-velocity, merchant-velocity or allowed"
		CHECK (reason IN ('blocked', 'anonymous', 'attestation', 'caller-velocity', 'merchant-velocity', 'allowed')),
	CONSTRAINT "attestation is a word of at most 32 letters"
		CHECK (attestation NOT GLOB '*[^a-z-]*' AND length(attestation) BETWEEN 1 AND 32)
) STRICT;

CREATE INDEX screenings_by_merchant ON screenings(merchant_id, at_ms);

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
	direction         TEXT NOT NULL DEFAULT 'inbound',
	transfer_number   TEXT,                         -- the person to whom the caller was handed over
	transfer_result   TEXT,                         -- what became of it: Twilio's DialCallStatus
	provider          TEXT,                         -- who spoke last: grok or fallback
	resumed_count     INTEGER NOT NULL DEFAULT 0,   -- lost sessions that were taken up again
	input_audio_ms    INTEGER NOT NULL DEFAULT 0,   -- the provider's account: sound heard by it
	output_audio_ms   INTEGER NOT NULL DEFAULT 0,   -- and made by it
	cost_micro_dollars INTEGER NOT NULL DEFAULT 0,  -- by the price settings
	recording_url     TEXT,                         -- both voices: left the caller, right the receptionist
	video_url         TEXT,
	captions_url      TEXT,
	recording_ms      INTEGER,                      -- its length
	recording_stopped TEXT,                         -- why less than the whole call is kept, like disk-full
	media_cost_micro_dollars INTEGER NOT NULL DEFAULT 0, -- video and summary
	attestation       TEXT,                         -- what STIR/SHAKEN said of caller_number, like passed-a
	handled           TEXT,                         -- what the caller got in the end
	CONSTRAINT "call_sid is 1 to 64 letters, digits, - and _"
		CHECK (call_sid <> '' AND call_sid NOT GLOB '*[^A-Za-z0-9_-]*' AND length(CAST(call_sid AS BLOB)) <= 64),
	CONSTRAINT "caller_number and called_number are at most 64 bytes long"
		CHECK (length(CAST(caller_number AS BLOB)) <= 64 AND length(CAST(called_number AS BLOB)) <= 64),
	CONSTRAINT "status is ringing, live, transferring, ended or complete"
		CHECK (status IN ('ringing', 'live', 'transferring', 'ended', 'complete')),
	CONSTRAINT "a call that is complete has a recording_url and a video_url"
		CHECK (status <> 'complete' OR (recording_url IS NOT NULL AND video_url IS NOT NULL)),
	CONSTRAINT "recording_url, video_url and captions_url are 1 to 1000 bytes long"
		CHECK (length(CAST(recording_url AS BLOB)) BETWEEN 1 AND 1000
			AND length(CAST(video_url AS BLOB)) BETWEEN 1 AND 1000
			AND length(CAST(captions_url AS BLOB)) BETWEEN 1 AND 1000),
	CONSTRAINT "recording_stopped is a word of at most 32 letters"
		CHECK (recording_stopped NOT GLOB '*[^a-z-]*' AND length(recording_stopped) BETWEEN 1 AND 32),
	CONSTRAINT "recording_ms and media_cost_micro_dollars are not negative"
		CHECK (coalesce(recording_ms, 0) >= 0 AND media_cost_micro_dollars >= 0),
	CONSTRAINT "a call that is live has started" CHECK (status <> 'live' OR started_ms IS NOT NULL),
	CONSTRAINT "a call that is transferring has a transfer_number"
		CHECK (status <> 'transferring' OR transfer_number IS NOT NULL),
	CONSTRAINT "transfer_number is 1 to 64 bytes long" CHECK (length(CAST(transfer_number AS BLOB)) BETWEEN 1 AND 64),
	CONSTRAINT "transfer_result is a word of at most 32 letters"
		CHECK (transfer_result NOT GLOB '*[^a-z-]*' AND length(transfer_result) BETWEEN 1 AND 32),
	CONSTRAINT "attestation is a word of at most 32 letters"
		CHECK (attestation NOT GLOB '*[^a-z-]*' AND length(attestation) BETWEEN 1 AND 32),
	CONSTRAINT "handled is receptionist, person, voicemail, message, notice, apology, rejected or nobody"
		CHECK (handled IN ('receptionist', 'person', 'voicemail', 'message', 'notice', 'apology', 'rejected', 'nobody')),
	CONSTRAINT "direction is inbound or outbound" CHECK (direction IN ('inbound', 'outbound')),
	CONSTRAINT "provider is grok or fallback" CHECK (provider IN ('grok', 'fallback')),
	CONSTRAINT "resumed_count, input_audio_ms, output_audio_ms and cost_micro_dollars are not negative"
		CHECK (resumed_count >= 0 AND input_audio_ms >= 0 AND output_audio_ms >= 0 AND cost_micro_dollars >= 0),
	CONSTRAINT "a call has ended_ms and end_reason when its status is ended or complete, and not before"
		CHECK ((status IN ('ended', 'complete')) = (ended_ms IS NOT NULL)
			AND (status IN ('ended', 'complete')) = (end_reason IS NOT NULL)),
	CONSTRAINT "stream_sid is 1 to 64 letters, digits, - and _"
		CHECK (stream_sid <> '' AND stream_sid NOT GLOB '*[^A-Za-z0-9_-]*'
			AND length(CAST(stream_sid AS BLOB)) <= 64),
	CONSTRAINT "heard_ms, spoken_ms and twilio_duration_s are not negative"
		CHECK (coalesce(heard_ms, 0) >= 0 AND coalesce(spoken_ms, 0) >= 0 AND coalesce(twilio_duration_s, 0) >= 0),
	CONSTRAINT "twilio_status is a word of at most 32 letters"
		CHECK (twilio_status NOT GLOB '*[^a-z-]*' AND length(twilio_status) BETWEEN 1 AND 32)
) STRICT;

CREATE INDEX calls_by_merchant ON calls(merchant_id, created_ms);
CREATE INDEX calls_by_caller ON calls(merchant_id, caller_number, created_ms);
-- What counts in limits, so that a flood of calls that are turned away makes no question longer.
CREATE INDEX calls_let_in ON calls(merchant_id, created_ms) WHERE handled IS NOT 'rejected';
CREATE INDEX calls_not_ended ON calls(created_ms) WHERE status NOT IN ('ended', 'complete');

CREATE TRIGGER calls_end_reason BEFORE UPDATE OF end_reason ON calls BEGIN
	SELECT RAISE(ABORT, 'end_reason must be a word from the table end_reasons')
	WHERE NEW.end_reason NOT IN (SELECT word FROM end_reasons);
END;

CREATE TRIGGER calls_owner BEFORE UPDATE OF call_sid, merchant_id ON calls BEGIN
	SELECT RAISE(ABORT, 'call_sid and merchant_id of a call cannot be changed')
	WHERE NEW.call_sid <> OLD.call_sid OR NEW.merchant_id <> OLD.merchant_id;
END;

-- Also where foreign keys are not enforced, as in the plain sqlite3 shell.
CREATE TRIGGER calls_delete BEFORE DELETE ON calls BEGIN
	INSERT INTO forgotten_calls(call_sid, recording_url, video_url, captions_url, voicemail_urls, forgotten_ms)
		VALUES (OLD.call_sid, OLD.recording_url, OLD.video_url, OLD.captions_url,
			(SELECT group_concat(recording_url, ' ') FROM (SELECT recording_url FROM messages
				WHERE call_sid = OLD.call_sid AND fetched_ms IS NOT NULL LIMIT 16)),
			CAST(strftime('%s', 'now') AS INTEGER) * 1000)
		ON CONFLICT(call_sid) DO NOTHING;
	DELETE FROM turns WHERE call_sid = OLD.call_sid;
	DELETE FROM stream_events WHERE call_sid = OLD.call_sid;
	DELETE FROM messages WHERE call_sid = OLD.call_sid;
	DELETE FROM tool_calls WHERE call_sid = OLD.call_sid;
	DELETE FROM jobs WHERE call_sid = OLD.call_sid;
	DELETE FROM summaries WHERE call_sid = OLD.call_sid;
	DELETE FROM notices WHERE call_sid = OLD.call_sid;
	DELETE FROM screenings WHERE call_sid = OLD.call_sid;
	-- What was said is forgotten with its call.
	DELETE FROM caller_memory WHERE merchant_id = OLD.merchant_id AND number = OLD.caller_number
		AND last_call_sid = OLD.call_sid;
END;

-- A call that is over is summed up, and its merchant told, whether or not anything of it was recorded.
CREATE TRIGGER calls_over AFTER UPDATE OF status ON calls
WHEN NEW.status = 'ended' AND OLD.status NOT IN ('ended', 'complete') BEGIN
	INSERT INTO jobs(call_sid, kind, run_ms, attempts_max, created_ms)
		SELECT NEW.call_sid, 'summary', NEW.ended_ms, 5, NEW.ended_ms FROM merchants
		WHERE id = NEW.merchant_id AND (summary OR memory) AND NEW.started_ms IS NOT NULL
		ON CONFLICT(call_sid, kind) DO NOTHING;
	INSERT INTO jobs(call_sid, kind, run_ms, attempts_max, created_ms)
		SELECT NEW.call_sid, 'notify', NEW.ended_ms, 12, NEW.ended_ms FROM merchants
		WHERE id = NEW.merchant_id AND coalesce(notify_url, notify_email) IS NOT NULL
			AND NEW.end_reason <> 'rejected'
		ON CONFLICT(call_sid, kind) DO NOTHING;
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
	language TEXT,                                  -- like en or pt-BR, if known
	PRIMARY KEY (call_sid, position),
	CONSTRAINT "position is 0 or more" CHECK (position >= 0),
	CONSTRAINT "role is caller or receptionist" CHECK (role IN ('caller', 'receptionist')),
	CONSTRAINT "a turn's text is at most 16384 bytes long" CHECK (length(CAST(text AS BLOB)) <= 16384),
	CONSTRAINT "a turn starts at 0 or later and does not end before it starts"
		CHECK (start_ms >= 0 AND end_ms >= start_ms),
	CONSTRAINT "final and cut are 0 or 1" CHECK (final IN (0, 1) AND cut IN (0, 1)),
	CONSTRAINT "language is 1 to 35 letters, digits and -"
		CHECK (language NOT GLOB '*[^A-Za-z0-9-]*' AND length(language) BETWEEN 1 AND 35)
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

-- What callers left for the merchant: told to the receptionist, or spoken after a tone.
CREATE TABLE messages(
	id              INTEGER PRIMARY KEY,
	call_sid        TEXT NOT NULL REFERENCES calls(call_sid) ON DELETE CASCADE,
	merchant_id     INTEGER NOT NULL REFERENCES merchants(id),
	kind            TEXT NOT NULL,                  -- spoken or voicemail
	source_id       TEXT NOT NULL,                  -- the tool's call or the recording: put twice it is there once
	caller_name     TEXT,
	callback_number TEXT,                           -- as the caller said it
	text            TEXT,
	urgent          INTEGER NOT NULL DEFAULT 0,
	recording_url   TEXT,                           -- where it can be heard: at Twilio until it is fetched
	recording_ms    INTEGER,
	created_ms      INTEGER NOT NULL,
	seen            INTEGER NOT NULL DEFAULT 0,     -- people set it to 1
	twilio_url      TEXT,                           -- where it came from
	fetched_ms      INTEGER,                        -- since when recording_url is ours
	UNIQUE (call_sid, source_id),
	CONSTRAINT "kind is spoken or voicemail" CHECK (kind IN ('spoken', 'voicemail')),
	CONSTRAINT "source_id is 1 to 64 bytes long" CHECK (length(CAST(source_id AS BLOB)) BETWEEN 1 AND 64),
	CONSTRAINT "caller_name is at most 200, callback_number at most 64, text at most 4000 bytes long"
		CHECK (coalesce(length(CAST(caller_name AS BLOB)), 0) <= 200
			AND coalesce(length(CAST(callback_number AS BLOB)), 0) <= 64
			AND coalesce(length(CAST(text AS BLOB)), 0) <= 4000),
	CONSTRAINT "a spoken message has a text, a voicemail a recording_url of at most 1000 bytes"
		CHECK (iif(kind = 'spoken', coalesce(text <> '', 0),
			coalesce(length(CAST(recording_url AS BLOB)) BETWEEN 1 AND 1000, 0))),
	CONSTRAINT "recording_ms is not negative" CHECK (recording_ms >= 0),
	CONSTRAINT "twilio_url is 1 to 1000 bytes long" CHECK (length(CAST(twilio_url AS BLOB)) BETWEEN 1 AND 1000),
	CONSTRAINT "urgent and seen must be 1 (yes) or 0 (no)" CHECK (urgent IN (0, 1) AND seen IN (0, 1))
) STRICT;

CREATE INDEX messages_by_merchant ON messages(merchant_id, created_ms);
CREATE INDEX messages_not_seen ON messages(created_ms) WHERE seen = 0;

-- A voicemail is fetched from Twilio. A call may have several: one job fetches what is there, again if need be.
CREATE VIEW voicemail_to_fetch AS SELECT NULL AS call_sid, NULL AS now_ms WHERE 0;

CREATE TRIGGER voicemail_to_fetch_insert INSTEAD OF INSERT ON voicemail_to_fetch BEGIN
	INSERT INTO jobs(call_sid, kind, run_ms, attempts_max, created_ms)
		VALUES (NEW.call_sid, 'voicemail', NEW.now_ms, 12, NEW.now_ms)
		ON CONFLICT(call_sid, kind) DO UPDATE SET state = 'ready', run_ms = excluded.run_ms, attempt = 0,
			fence = fence + 1, finished_ms = NULL WHERE state IN ('done', 'dead', 'cancelled');
END;

CREATE TRIGGER messages_voicemail AFTER INSERT ON messages
WHEN NEW.kind = 'voicemail' AND NEW.twilio_url IS NOT NULL AND NEW.fetched_ms IS NULL BEGIN
	INSERT INTO voicemail_to_fetch VALUES (NEW.call_sid, NEW.created_ms);
END;

CREATE TRIGGER messages_voicemail_again AFTER UPDATE OF twilio_url, fetched_ms ON messages
WHEN NEW.kind = 'voicemail' AND NEW.twilio_url IS NOT NULL AND NEW.fetched_ms IS NULL BEGIN
	INSERT INTO voicemail_to_fetch VALUES (NEW.call_sid, NEW.created_ms);
END;

-- What the model asked tools to do.
CREATE TABLE tool_calls(
	call_sid     TEXT NOT NULL REFERENCES calls(call_sid) ON DELETE CASCADE,
	tool_call_id TEXT NOT NULL,
	name         TEXT NOT NULL,
	status       TEXT NOT NULL,
	started_ms   INTEGER NOT NULL,                  -- since the stream started
	took_ms      INTEGER NOT NULL,
	PRIMARY KEY (call_sid, tool_call_id),
	CONSTRAINT "tool_call_id is 1 to 64 and name at most 64 bytes long"
		CHECK (length(CAST(tool_call_id AS BLOB)) BETWEEN 1 AND 64 AND length(CAST(name AS BLOB)) <= 64),
	CONSTRAINT "status is a word of at most 32 letters"
		CHECK (status NOT GLOB '*[^a-z-]*' AND length(status) BETWEEN 1 AND 32),
	CONSTRAINT "started_ms and took_ms are not negative" CHECK (started_ms >= 0 AND took_ms >= 0)
) STRICT, WITHOUT ROWID;

-- Calls that we place: written before Twilio is asked, so that none is placed that nobody knows of.
CREATE TABLE outgoing_calls(
	id          TEXT NOT NULL PRIMARY KEY,          -- stands in the URL that Twilio fetches
	merchant_id INTEGER NOT NULL REFERENCES merchants(id),
	number      TEXT NOT NULL,
	opening     TEXT,                               -- the receptionist's first words
	machine     TEXT NOT NULL DEFAULT 'hang-up',    -- what an answering machine gets
	created_ms  INTEGER NOT NULL,
	call_sid    TEXT,                               -- once Twilio has taken it
	answered_by TEXT,                               -- what Twilio believes: human, machine_start, fax …
	error       TEXT,                               -- why Twilio did not take it, or that it is not known
	CONSTRAINT "id is 32 hexadecimal digits" CHECK (length(id) = 32 AND id NOT GLOB '*[^0-9a-f]*'),
	CONSTRAINT "number is + and 7 to 15 digits, like +14155550123"
		CHECK (number GLOB '+[1-9]*' AND substr(number, 2) NOT GLOB '*[^0-9]*' AND length(number) BETWEEN 8 AND 16),
	CONSTRAINT "opening is 1 to 400 bytes long" CHECK (length(CAST(opening AS BLOB)) BETWEEN 1 AND 400),
	CONSTRAINT "machine is talk, hang-up or message" CHECK (machine IN ('talk', 'hang-up', 'message')),
	CONSTRAINT "a message for a machine is its opening" CHECK (machine <> 'message' OR opening IS NOT NULL),
	CONSTRAINT "call_sid is 1 to 64 letters, digits, - and _"
		CHECK (call_sid <> '' AND call_sid NOT GLOB '*[^A-Za-z0-9_-]*' AND length(CAST(call_sid AS BLOB)) <= 64),
	CONSTRAINT "answered_by is a word of at most 32 letters"
		CHECK (answered_by NOT GLOB '*[^a-z_]*' AND length(answered_by) BETWEEN 1 AND 32),
	CONSTRAINT "error is at most 1000 bytes long" CHECK (length(CAST(error AS BLOB)) <= 1000)
) STRICT;

CREATE INDEX outgoing_calls_by_merchant ON outgoing_calls(merchant_id, created_ms);

-- After the call ------------------------------------------------------------------------------------

-- What is still to be done for a call that is over, one row a step; the worker's. A job that is running belongs
-- to the process lease_owner until lease_until_ms, and only who knows its fence may finish it.
CREATE TABLE jobs(
	id             INTEGER PRIMARY KEY,
	call_sid       TEXT NOT NULL REFERENCES calls(call_sid) ON DELETE CASCADE,
	kind           TEXT NOT NULL,
	state          TEXT NOT NULL DEFAULT 'ready',   -- waiting: for something outside; dead: given up
	run_ms         INTEGER NOT NULL,                -- not before; of a waiting job: when it is looked at again
	attempt        INTEGER NOT NULL DEFAULT 0,      -- counted when it begins
	attempts_max   INTEGER NOT NULL,
	lease_owner    TEXT,
	lease_until_ms INTEGER,
	fence          INTEGER NOT NULL DEFAULT 0,      -- counts up with every begin and every retry
	-- Work that somebody else does for money: written before he is asked.
	ext_state      TEXT,                            -- intent, submitted or unknown (asked, no answer: never again)
	ext_id         TEXT,
	ext_urls       TEXT,                            -- JSON
	ext_nonce      TEXT,
	cost_micro_dollars INTEGER NOT NULL DEFAULT 0,
	error          TEXT,                            -- of the last attempt
	created_ms     INTEGER NOT NULL,
	finished_ms    INTEGER,
	UNIQUE (call_sid, kind),
	CONSTRAINT "kind is assemble, summary, video, upload, notify or voicemail"
		CHECK (kind IN ('assemble', 'summary', 'video', 'upload', 'notify', 'voicemail')),
	CONSTRAINT "state is ready, running, waiting, done, dead or cancelled"
		CHECK (state IN ('ready', 'running', 'waiting', 'done', 'dead', 'cancelled')),
	CONSTRAINT "a job has a lease while it is running, and only then"
		CHECK ((state = 'running') = (lease_until_ms IS NOT NULL)
			AND (state = 'running') = (lease_owner IS NOT NULL)),
	CONSTRAINT "a job has finished_ms when it is done, dead or cancelled, and not before"
		CHECK ((state IN ('done', 'dead', 'cancelled')) = (finished_ms IS NOT NULL)),
	CONSTRAINT "ext_state is intent, submitted or unknown" CHECK (ext_state IN ('intent', 'submitted', 'unknown')),
	CONSTRAINT "attempt, attempts_max, fence and cost_micro_dollars are not negative"
		CHECK (attempt >= 0 AND attempts_max > 0 AND fence >= 0 AND cost_micro_dollars >= 0),
	CONSTRAINT "lease_owner and ext_id are at most 200, ext_nonce 64, ext_urls 4000 and error 1000 bytes long"
		CHECK (coalesce(length(CAST(lease_owner AS BLOB)), 0) <= 200 AND coalesce(length(CAST(ext_id AS BLOB)), 0) <= 200
			AND coalesce(length(CAST(ext_nonce AS BLOB)), 0) <= 64
			AND coalesce(length(CAST(ext_urls AS BLOB)), 0) <= 4000
			AND coalesce(length(CAST(error AS BLOB)), 0) <= 1000)
) STRICT;

CREATE TRIGGER jobs_delete BEFORE DELETE ON jobs BEGIN
	DELETE FROM job_errors WHERE job_id = OLD.id;
	DELETE FROM fal_told WHERE job_id = OLD.id;
END;

CREATE INDEX jobs_to_do ON jobs(run_ms, id) WHERE state IN ('ready', 'waiting');
CREATE INDEX jobs_running ON jobs(lease_until_ms) WHERE state = 'running';
CREATE INDEX jobs_dead ON jobs(finished_ms) WHERE state = 'dead';

-- A voicemail that came after its call's job had last looked.
CREATE TRIGGER jobs_voicemail_more AFTER UPDATE OF state ON jobs
WHEN NEW.kind = 'voicemail' AND NEW.state = 'done' AND OLD.state <> 'done' BEGIN
	INSERT INTO voicemail_to_fetch SELECT call_sid, NEW.finished_ms FROM messages
		WHERE call_sid = NEW.call_sid AND kind = 'voicemail' AND twilio_url IS NOT NULL AND fetched_ms IS NULL LIMIT 1;
END;

-- Why attempts failed, the last ones of each job.
CREATE TABLE job_errors(
	id      INTEGER PRIMARY KEY,
	job_id  INTEGER NOT NULL REFERENCES jobs(id) ON DELETE CASCADE,
	attempt INTEGER NOT NULL,
	at_ms   INTEGER NOT NULL,
	error   TEXT NOT NULL,
	CONSTRAINT "error is at most 1000 bytes long" CHECK (length(CAST(error AS BLOB)) <= 1000)
) STRICT;

CREATE INDEX job_errors_by_job ON job_errors(job_id, id);

-- Steps that a wrong setting keeps from working, for every call: tried again at until_ms and when a worker starts.
CREATE TABLE parked_kinds(
	kind     TEXT NOT NULL PRIMARY KEY,
	error    TEXT NOT NULL,
	since_ms INTEGER NOT NULL,
	until_ms INTEGER NOT NULL,
	CONSTRAINT "error is at most 1000 bytes long" CHECK (length(CAST(error AS BLOB)) <= 1000)
) STRICT, WITHOUT ROWID;

-- The keys with which fal.ai signs its webhooks, as the worker fetched them: one row.
CREATE TABLE fal_keys(
	id         INTEGER PRIMARY KEY CHECK (id = 1),
	key_set    TEXT NOT NULL,                       -- JSON
	fetched_ms INTEGER NOT NULL,
	CONSTRAINT "key_set is at most 16384 bytes long" CHECK (length(CAST(key_set AS BLOB)) <= 16384)
) STRICT;

-- What fal.ai's webhook told of a video: of the order that the nonce belongs to.
CREATE TABLE fal_told(
	job_id     INTEGER PRIMARY KEY REFERENCES jobs(id) ON DELETE CASCADE,
	nonce      TEXT NOT NULL,
	request_id TEXT NOT NULL,
	failed     INTEGER NOT NULL,
	error      TEXT NOT NULL,                       -- '': none
	video_url  TEXT NOT NULL,                       -- '': it has to be asked for
	told_ms    INTEGER NOT NULL,
	CONSTRAINT "failed must be 1 (yes) or 0 (no)" CHECK (failed IN (0, 1)),
	CONSTRAINT "nonce is at most 64, request_id 200, error 1000 and video_url 1100 bytes long"
		CHECK (length(CAST(nonce AS BLOB)) <= 64 AND length(CAST(request_id AS BLOB)) <= 200
			AND length(CAST(error AS BLOB)) <= 1000 AND length(CAST(video_url AS BLOB)) <= 1100)
) STRICT;

-- What a call was about, as a model summed it up.
CREATE TABLE summaries(
	call_sid        TEXT NOT NULL PRIMARY KEY REFERENCES calls(call_sid) ON DELETE CASCADE,
	summary         TEXT NOT NULL,
	intent          TEXT,
	caller_name     TEXT,
	callback_needed INTEGER NOT NULL DEFAULT 0,
	action_items    TEXT NOT NULL DEFAULT '[]',     -- JSON, an array of strings
	model           TEXT NOT NULL,
	cost_micro_dollars INTEGER NOT NULL DEFAULT 0,
	created_ms      INTEGER NOT NULL,
	CONSTRAINT "summary is at most 4000, intent and caller_name 200, action_items 8000, model 100 bytes long"
		CHECK (length(CAST(summary AS BLOB)) <= 4000 AND coalesce(length(CAST(intent AS BLOB)), 0) <= 200
			AND coalesce(length(CAST(caller_name AS BLOB)), 0) <= 200
			AND length(CAST(action_items AS BLOB)) <= 8000 AND length(CAST(model AS BLOB)) <= 100),
	CONSTRAINT "action_items is a JSON array" CHECK (action_items GLOB '[[]*]'),
	CONSTRAINT "callback_needed must be 1 (yes) or 0 (no)" CHECK (callback_needed IN (0, 1)),
	CONSTRAINT "cost_micro_dollars is not negative" CHECK (cost_micro_dollars >= 0)
) STRICT;

-- Who was told of a call.
CREATE TABLE notices(
	id        INTEGER PRIMARY KEY,
	call_sid  TEXT NOT NULL REFERENCES calls(call_sid) ON DELETE CASCADE,
	channel   TEXT NOT NULL,
	event_id  TEXT NOT NULL,                        -- the same with every attempt
	state     TEXT NOT NULL DEFAULT 'pending',
	error     TEXT,
	sent_ms   INTEGER,
	UNIQUE (call_sid, channel),
	CONSTRAINT "channel is webhook or mail" CHECK (channel IN ('webhook', 'mail')),
	CONSTRAINT "state is pending, sent or failed" CHECK (state IN ('pending', 'sent', 'failed')),
	CONSTRAINT "event_id is 1 to 64 and error at most 1000 bytes long"
		CHECK (length(CAST(event_id AS BLOB)) BETWEEN 1 AND 64 AND coalesce(length(CAST(error AS BLOB)), 0) <= 1000),
	CONSTRAINT "a notice has sent_ms when it was sent" CHECK ((state = 'sent') = (sent_ms IS NOT NULL))
) STRICT;

-- Calls whose rows were deleted: the worker deletes their sound, and does not take it for a call that it missed.
CREATE TABLE forgotten_calls(
	call_sid      TEXT NOT NULL PRIMARY KEY,
	recording_url TEXT,
	video_url     TEXT,
	captions_url  TEXT,
	forgotten_ms  INTEGER NOT NULL,
	voicemail_urls TEXT                             -- of those that were fetched; spaces between them
) STRICT, WITHOUT ROWID;

-- What calls had used that the worker deleted in their own month (UTC): the month's limits go on counting it.
CREATE TABLE deleted_use(
	merchant_id   INTEGER NOT NULL REFERENCES merchants(id) ON DELETE CASCADE,
	month         TEXT NOT NULL,                    -- like 2026-11
	talked_ms     INTEGER NOT NULL,
	micro_dollars INTEGER NOT NULL,
	PRIMARY KEY (merchant_id, month),
	CONSTRAINT "month is like 2026-11" CHECK (month GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]'),
	CONSTRAINT "talked_ms and micro_dollars are not negative" CHECK (talked_ms >= 0 AND micro_dollars >= 0)
) STRICT, WITHOUT ROWID;

-- For people ----------------------------------------------------------------------------------------

-- One line a call, newest first. Times are UTC.
CREATE VIEW call_log AS
	SELECT calls.call_sid, merchants.name AS merchant, caller_number AS caller,
		datetime(created_ms / 1000, 'unixepoch') AS began, status,
		round(coalesce((ended_ms - started_ms) / 1000.0, twilio_duration_s,
			(ended_ms - created_ms) / 1000.0), 1) AS seconds,
		(SELECT count(*) FROM turns WHERE turns.call_sid = calls.call_sid) AS turns,
		iif(fault, 'FAULT: ', '') || sentence AS ending, handled
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
	WHERE status NOT IN ('ended', 'complete')
	ORDER BY created_ms;

-- What was said, in order: SELECT * FROM transcripts WHERE call_sid = 'CA…';
CREATE VIEW transcripts AS
	SELECT call_sid, printf('%d:%04.1f', start_ms / 60000, start_ms % 60000 / 1000.0) AS at, role,
		text || CASE WHEN cut THEN ' [cut]' WHEN NOT final THEN ' …' ELSE '' END AS text
	FROM turns
	ORDER BY call_sid, position;

-- What nobody has seen yet, oldest first. Seen: UPDATE messages SET seen = 1 WHERE id = …;
CREATE VIEW messages_new AS
	SELECT messages.id, merchants.name AS merchant, datetime(messages.created_ms / 1000, 'unixepoch') AS at,
		iif(urgent, 'URGENT', '') AS urgent, coalesce(caller_name, '') AS caller,
		coalesce(nullif(callback_number, ''), caller_number) AS number,
		CASE kind WHEN 'spoken' THEN text ELSE printf('%d s of voicemail: %s',
			(coalesce(messages.recording_ms, 0) + 500) / 1000, messages.recording_url) END AS message
	FROM messages JOIN calls ON calls.call_sid = messages.call_sid
		JOIN merchants ON merchants.id = messages.merchant_id
	WHERE seen = 0
	ORDER BY messages.created_ms, messages.id;

-- This month (UTC) of each merchant: what it used, and what it may.
CREATE VIEW merchant_usage AS
	SELECT merchants.id AS merchant_id, name, strftime('%Y-%m', 'now') AS month, count(call_sid) AS calls,
		count(iif(status IN ('live', 'transferring'), 1, NULL)) AS calls_now, calls_max,
		round(coalesce(sum(CASE status WHEN 'ringing' THEN 0
			WHEN 'live' THEN CAST(strftime('%s', 'now') AS INTEGER) * 1000 - started_ms
			ELSE coalesce(heard_ms, ended_ms - started_ms) END), 0) / 60000.0
			+ coalesce((SELECT talked_ms FROM deleted_use
				WHERE merchant_id = merchants.id AND month = strftime('%Y-%m', 'now')), 0) / 60000.0, 1) AS minutes,
		minutes_month_max,
		round(coalesce(sum(cost_micro_dollars + media_cost_micro_dollars), 0) / 1000000.0
			+ coalesce((SELECT micro_dollars FROM deleted_use
				WHERE merchant_id = merchants.id AND month = strftime('%Y-%m', 'now')), 0) / 1000000.0, 2) AS dollars,
		dollars_month_max
	FROM merchants LEFT JOIN calls ON merchant_id = merchants.id
		AND created_ms >= CAST(strftime('%s', 'now', 'start of month') AS INTEGER) * 1000
	GROUP BY merchants.id
	ORDER BY merchants.id;

-- Recordings, newest first.
CREATE VIEW recordings AS
	SELECT calls.call_sid, merchants.name AS merchant, caller_number AS caller,
		datetime(calls.created_ms / 1000, 'unixepoch') AS began, round(recording_ms / 1000.0, 1) AS seconds,
		coalesce(recording_stopped, '') AS stopped, calls.recording_url, video_url, captions_url, summaries.summary
	FROM calls JOIN merchants ON merchants.id = merchant_id LEFT JOIN summaries USING (call_sid)
	WHERE calls.recording_url IS NOT NULL
	ORDER BY calls.created_ms DESC, calls.rowid DESC;

-- What the worker could not do: jobs that were given up, and steps that wait for a setting.
CREATE VIEW failed_jobs AS
	SELECT calls.call_sid, merchants.name AS merchant, kind, attempt AS attempts,
		datetime(finished_ms / 1000, 'unixepoch') AS since, jobs.error
	FROM jobs JOIN calls ON calls.call_sid = jobs.call_sid JOIN merchants ON merchants.id = merchant_id
	WHERE state = 'dead'
	UNION ALL
	SELECT 'all calls', '', kind, 0, datetime(since_ms / 1000, 'unixepoch'), error FROM parked_kinds
	ORDER BY since;

-- Inbound calls of which the merchant has nothing: nobody talked with the caller, and no message was left. Newest
-- first, with when the same number called again, and when it was called from here: '' is not yet.
CREATE VIEW missed_calls AS
	SELECT call_sid, merchants.name AS merchant, caller_number AS caller,
		datetime(created_ms / 1000, 'unixepoch') AS at, got, coalesce(sentence, '') AS why,
		coalesce((SELECT datetime(later.created_ms / 1000, 'unixepoch') FROM calls AS later INDEXED BY calls_by_caller
			WHERE later.merchant_id = missed.merchant_id AND later.caller_number = missed.caller_number
				AND later.created_ms > missed.created_ms AND missed.caller_number GLOB '+[1-9]*'
			ORDER BY later.created_ms LIMIT 1), '') AS called_again,
		coalesce((SELECT datetime(min(outgoing_calls.created_ms) / 1000, 'unixepoch') FROM outgoing_calls
			WHERE outgoing_calls.merchant_id = missed.merchant_id AND outgoing_calls.number = missed.caller_number
				AND outgoing_calls.created_ms > missed.created_ms AND call_sid IS NOT NULL), '') AS called_back
	FROM (SELECT *, coalesce(handled, CASE WHEN end_reason = 'transferred' THEN 'person'
			WHEN answered_ms IS NULL THEN 'nobody' ELSE 'receptionist' END) AS got FROM calls
		WHERE direction = 'inbound' AND status IN ('ended', 'complete')) AS missed
		JOIN merchants ON merchants.id = merchant_id LEFT JOIN end_reasons ON word = end_reason
	WHERE got IN ('nobody', 'apology', 'notice')
		AND NOT EXISTS (SELECT 1 FROM messages WHERE messages.call_sid = missed.call_sid)
	ORDER BY created_ms DESC;

-- Calls that were not let through, and those that a rule let through; newest first.
CREATE VIEW screened_calls AS
	SELECT call_sid, merchants.name AS merchant, caller_number AS caller,
		datetime(at_ms / 1000, 'unixepoch') AS at, verdict, reason, coalesce(screenings.attestation, '') AS attestation
	FROM screenings JOIN merchants ON merchants.id = merchant_id
	ORDER BY at_ms DESC, screenings.id DESC;

-- What is allowed, but probably not meant: a sentence each, and the column where it is changed.
CREATE VIEW config_warnings AS
	WITH hours(merchant_id) AS (SELECT DISTINCT merchant_id FROM merchant_hours)
	SELECT id AS merchant_id, name AS merchant, 'merchants.fallback_number' AS change,
		'Nobody is called when the receptionist cannot answer, and no voicemail is taken: there is no fallback_number.' AS warning
	FROM merchants WHERE active AND fallback_number IS NULL AND transfer_fallback <> 'voicemail'
	UNION ALL SELECT id, name, 'merchants.after_hours',
		'There are opening hours, but callers get the same when they are over: after_hours is ai, without instructions.'
	FROM merchants WHERE active AND id IN (SELECT merchant_id FROM hours)
		AND after_hours = 'ai' AND after_hours_instructions IS NULL
	UNION ALL SELECT id, name, 'merchant_hours',
		'after_hours is ' || after_hours || ', but there are no rows in merchant_hours: it is never after hours.'
	FROM merchants WHERE active AND after_hours <> 'ai' AND id NOT IN (SELECT merchant_id FROM hours)
		AND NOT EXISTS (SELECT 1 FROM merchant_days WHERE merchant_days.merchant_id = merchants.id)
	UNION ALL SELECT id, name, 'merchants.after_hours_number',
		'There is an after_hours_number, but nobody is forwarded to it: after_hours is ' || after_hours || '.'
	FROM merchants WHERE active AND after_hours_number IS NOT NULL AND after_hours <> 'forward'
	UNION ALL SELECT id, name, 'merchants.disclosure',
		'Calls are recorded, and callers are not told: there is no disclosure. In many places that is against the law.'
	FROM merchants WHERE active AND recording AND disclosure IS NULL
	UNION ALL SELECT id, name, 'merchants.recording_consent',
		'recording_consent is disclosure, but there is none to hear: nothing is ever kept.'
	FROM merchants WHERE active AND recording AND disclosure IS NULL AND recording_consent = 'disclosure'
	UNION ALL SELECT id, name, 'merchants.notify_email',
		'Messages are taken, but nobody is told: neither notify_email nor notify_url is set.'
	FROM merchants WHERE active AND coalesce(notify_email, notify_url) IS NULL
		AND EXISTS (SELECT 1 FROM messages WHERE merchant_id = merchants.id AND seen = 0)
	UNION ALL SELECT id, name, 'merchants.instructions',
		'The receptionist knows nothing of the business: there are neither instructions nor questions with answers.'
	FROM merchants WHERE active AND coalesce(instructions, '') = ''
		AND NOT EXISTS (SELECT 1 FROM merchant_faq WHERE merchant_id = merchants.id AND merchant_faq.active)
	UNION ALL SELECT id, name, 'merchants.time_zone', 'Opening hours are taken as UTC: is that the time of its clocks?'
	FROM merchants WHERE active AND time_zone = 'UTC' AND id IN (SELECT merchant_id FROM hours)
	UNION ALL SELECT id, name, 'merchants.attestation',
		'attestation is passed: callers from abroad and from older telephone networks are rejected.'
	FROM merchants WHERE active AND attestation = 'passed'
	UNION ALL SELECT merchants.id, merchants.name, 'merchant_tools.url',
		'The URL of ' || merchant_tools.name || ' is not https: anybody on the way can read it.'
	FROM merchants JOIN merchant_tools ON merchant_id = merchants.id
	WHERE merchants.active AND merchant_tools.active AND url GLOB 'http://*' AND NOT allow_private
	UNION ALL SELECT id, name, 'merchants.notify_url', 'notify_url is not https: anybody on the way can read it.'
	FROM merchants WHERE active AND notify_url GLOB 'http://*' AND notify_url NOT GLOB 'http://127.*'
		AND notify_url NOT GLOB 'http://localhost*'
	UNION ALL SELECT id, name, 'merchants.active', 'It is paused: callers hear that the number is not configured. In the last'
		|| ' week, before that, it had ' || count(*) || iif(count(*) = 1, ' call.', ' calls.')
	FROM merchants JOIN calls ON calls.merchant_id = merchants.id
		AND created_ms > (CAST(strftime('%s', 'now') AS INTEGER) - 604800) * 1000
	WHERE NOT active GROUP BY id
	UNION ALL SELECT id, name, 'merchant_faq', 'The active questions and answers have ' || bytes
		|| ' of the 24000 bytes that there may be.'
	FROM merchants JOIN (SELECT merchant_id, sum(length(CAST(question AS BLOB)) + length(CAST(answer AS BLOB))) AS bytes
		FROM merchant_faq WHERE merchant_faq.active GROUP BY merchant_id) AS faq ON faq.merchant_id = id
	WHERE bytes > 21600
	UNION ALL SELECT id, name, 'merchants.transfer_number',
		'Outside the hours of the staff callers can be handed over to nobody: there is no transfer_number.'
	FROM merchants WHERE active AND transfer_number IS NULL
		AND EXISTS (SELECT 1 FROM merchant_staff WHERE merchant_id = merchants.id AND merchant_staff.active)
		AND NOT EXISTS (SELECT 1 FROM merchant_staff WHERE merchant_id = merchants.id AND merchant_staff.active
			AND id NOT IN (SELECT staff_id FROM staff_hours))
	UNION ALL SELECT merchants.id, merchants.name, 'merchant_keys.number',
		'Key ' || digit || ' hands over to nobody: neither it nor the merchant has a number for that.'
	FROM merchants JOIN merchant_keys ON merchant_id = merchants.id
	WHERE active AND action = 'transfer' AND number IS NULL AND transfer_number IS NULL
	UNION ALL SELECT id, name, 'merchants.fallback_number', 'fallback_number, transfer_number or after_hours_number is'
		|| ' the number of a merchant of ours: its receptionist would answer.'
	FROM merchants WHERE active AND EXISTS (SELECT 1 FROM (SELECT phone_number FROM merchants
			UNION ALL SELECT phone_number FROM merchant_numbers) AS ours WHERE ours.phone_number
		IN (merchants.fallback_number, merchants.transfer_number, merchants.after_hours_number))
	UNION ALL SELECT coalesce(merchant_id, 0), coalesce(name, 'all merchants'), 'caller_rules', 'The ' || rule || ' of '
		|| number || ' ended on ' || date(until_ms / 1000, 'unixepoch') || ': its row can be deleted.'
	FROM caller_rules LEFT JOIN merchants ON merchants.id = merchant_id
	WHERE until_ms < CAST(strftime('%s', 'now') AS INTEGER) * 1000
	UNION ALL SELECT coalesce(merchant_id, 0), coalesce(name, 'all merchants'), 'caller_rules.number',
		'Everybody is kept out whose number begins with ' || rtrim(number, '*') || ': that is a whole country.'
	FROM caller_rules LEFT JOIN merchants ON merchants.id = merchant_id
	WHERE rule = 'block' AND number GLOB '*[*]' AND length(number) <= 4
	UNION ALL SELECT merchants.id, name, 'merchant_days', 'All special days with a year are over: what about those to come?'
	FROM merchants JOIN merchant_days ON merchant_id = merchants.id
	WHERE active GROUP BY merchants.id
	HAVING max(iif(length(day) = 10, day, '')) BETWEEN '2' AND date('now', '-1 day')
	UNION ALL SELECT id, name, 'merchants.memory', 'What is remembered goes with its call, before memory_days are over:'
		|| ' memory_days is ' || memory_days || ', retention_days ' || retention_days || '.'
	FROM merchants WHERE memory AND memory_days > retention_days
	UNION ALL SELECT id, name, 'merchants.minutes_month_max', 'Nothing limits what a month may cost:'
		|| ' minutes_month_max and dollars_month_max are NULL.'
	FROM merchants WHERE active AND coalesce(minutes_month_max, dollars_month_max) IS NULL
	UNION ALL SELECT 0, 'all merchants', 'merchants', 'There is no active merchant: every call is refused.'
	WHERE NOT EXISTS (SELECT 1 FROM merchants WHERE active)
	ORDER BY 1, 3;

PRAGMA application_id = 0x52414931;
PRAGMA user_version = 4;
COMMIT;
