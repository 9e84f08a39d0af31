// Twilio's own Node library against ours: signatures both ways, TwiML both ways, whole requests.
//   node twilio_oracle.js TOOL WEBHOOK      (in a folder with node_modules; settings in the environment)
'use strict';
const { spawnSync } = require('child_process');
const crypto = require('crypto');
const path = require('path');
const { createRequire } = require('module');
const load = createRequire(path.join(process.cwd(), 'package.json'));
const twilio = load('twilio');
const { getExpectedTwilioSignature, getExpectedBodyHash } = load('twilio/lib/webhooks/webhooks');
const [tool, webhook] = process.argv.slice(2);

let count = 0;
let failed = 0;
function ok(name, wrong) {
    count += 1;
    if (!wrong.length) return console.log(`ok ${count} - ${name}`);
    failed += 1;
    console.log(`not ok ${count} - ${name} (${wrong.length} differ)`);
    wrong.slice(0, 3).forEach((w) => console.log(`# ${JSON.stringify(w)}`));
}

const hex = (text) => (text === null ? '-' : Buffer.from(text).toString('hex') || '.');
// Asks our code; one answer a command.
function ours(commands) {
    const input = commands.map((c) => c[0] + ' ' + c.slice(1).map(hex).join(' ') + '\n').join('');
    const run = spawnSync(tool, { input, maxBuffer: 1 << 28 });
    if (run.status !== 0) throw new Error(`${tool} ended with ${run.status}: ${run.stderr}`);
    return run.stdout.toString().trimEnd().split('\n');
}
// Python's parser, as the third party: [{text, attribute}] of each document.
function parsed(documents) {
    const program = 'import sys,json,xml.etree.ElementTree as e\n' +
        'print(json.dumps([(lambda s: [s.text or "", s.get("voice")])(e.fromstring(bytes.fromhex(d)).find("Say"))' +
        ' for d in json.load(sys.stdin)]))';
    const run = spawnSync('/usr/bin/python3', ['-c', program], { input: JSON.stringify(documents), maxBuffer: 1 << 28 });
    if (run.status !== 0) throw new Error(run.stderr.toString());
    return JSON.parse(run.stdout);
}

// The same cases on every run.
let seed = 1;
const random = (n) => (seed = (seed * 48271) % 2147483647) % n;
const pick = (list) => list[random(list.length)];
const alphabet = [...'abcXYZ019 +&=%<>"\'/\\?#@!~*()[]{}|^`$,;:._-\t\r\n\u0001\u007f\u00f1\u00e9\u4e2d\u20ac'];
const word = (most) => Array.from({ length: random(most) }, () => pick(alphabet)).join('');

function randomForm() {
    const form = {};
    for (let n = random(8); n > 0; n--) {
        const name = pick(['CallSid', 'CALLSID', 'Reason', 'ReasonConferenceEnded', 'a[b]', word(6)]);
        const values = Array.from({ length: 1 + (random(5) === 0 ? random(4) : 0) }, () => word(12));
        form[name] = values.length === 1 ? values[0] : values;
    }
    return form;
}
const encodeForm = (form) => Object.entries(form).flatMap(([name, value]) =>
    [].concat(value).map((v) => `${encodeURIComponent(name)}=${encodeURIComponent(v).replace(/%20/g, '+')}`)).join('&');
const origins = ['https://voice.example.com', 'https://voice.example.com:443', 'https://voice.example.com:8443',
    'http://voice.example.com', 'http://voice.example.com:80', 'http://voice.example.com:1234', 'https://[2001:db8::1]'];
const queries = ['', '?foo=1&bar=2', "?Body=It's+amazing", '?Body=It%27s+amazing', '?a=%C3%B1&b=%2B&c=', '?x="<>', '?x', '?'];

function signatures() {
    const cases = Array.from({ length: 400 }, () => ({
        token: pick(['12345', 'a longer token with spaces', '0123456789abcdef0123456789abcdef']),
        url: pick(origins) + pick(['/', '/api/twilio/incoming', '/a/b.php']) + pick(queries),
        form: randomForm(),
    }));
    const theirs = cases.map((c) => getExpectedTwilioSignature(c.token, c.url, c.form));
    const written = ours(cases.map((c) => ['sign', c.url, encodeForm(c.form), c.token]));
    ok('our signatures are the same as theirs, 400 random requests', cases.filter((c, i) => written[i] !== theirs[i]));
    ok('their validator accepts ours', cases.filter((c, i) => !twilio.validateRequest(c.token, written[i], c.url, c.form)));
    const accepted = ours(cases.map((c, i) => ['check', c.token, theirs[i], c.url, encodeForm(c.form)]));
    ok('our validator accepts theirs', cases.filter((c, i) => accepted[i] !== '1'));
}

// A URL as the web server sees it and another one that was signed: do both validators come to the same verdict?
function verdicts() {
    const cases = [];
    for (const seen of origins) {
        for (const signed of origins) {
            for (const seenQuery of queries) {
                const variants = [seenQuery, ...queries, new URL(`${seen}/p${seenQuery}`).search];
                variants.forEach((q) => cases.push({ seen: `${seen}/p${seenQuery}`, signed: `${signed}/p${q}`, form: { From: '+1 2' } }));
            }
        }
    }
    const sign = (c) => getExpectedTwilioSignature('12345', c.signed, c.form);
    const theirs = cases.map((c) => twilio.validateRequest('12345', sign(c), c.seen, c.form));
    const verdict = ours(cases.map((c) => ['check', 'other,12345', sign(c), c.seen, encodeForm(c.form)]));
    const differ = cases.filter((c, i) => (verdict[i] === '1') !== theirs[i]);
    ok(`both validators agree on ${cases.length} pairs of URLs (${theirs.filter(Boolean).length} of them right)`, differ);
    const forged = ours(cases.map((c) => ['check', '1234,', sign(c), c.seen, encodeForm(c.form)]));
    ok('with another token ours refuses them all', cases.filter((c, i) => forged[i] !== '0'));
}

function bodies() {
    const cases = ['{}', '{"property": "value", "boolean": true}', '[1,2,"\u00f1"]'].map((body) => {
        const url = `https://voice.example.com/json?foo=1&bodySHA256=${getExpectedBodyHash(body)}`;
        return { body, url, signature: getExpectedTwilioSignature('12345', url, null) };
    });
    const right = ours(cases.map((c) => ['body', '12345', c.signature, c.url, c.body]));
    ok('bodies are bound by their hash', cases.filter((c, i) =>
        right[i] !== '1' || !twilio.validateRequestWithBody('12345', c.signature, c.url, c.body)));
    const wrong = ours(cases.map((c) => ['body', '12345', c.signature, c.url, `${c.body} `]));
    ok('and a changed body fails', cases.filter((c, i) => wrong[i] !== '0'));
    const stream = 'wss://relay.example.com/media-stream/AQAA';
    const handshakes = ['', '/'].map((slash) => getExpectedTwilioSignature('12345', stream + slash, {}));
    ok('stream handshakes, with and without a final slash',
        ours(handshakes.map((s) => ['stream', '12345', s, stream])).filter((a) => a !== '1'));
}

function twiml() {
    const texts = Array.from({ length: 300 }, () => word(40).replace(/[\u0001\u007f]/g, ''));
    texts.push('<&">\' ]]>', '\u{1F600} gr\u00fc\u00df', 'a\tb\nc\rd');
    const theirs = texts.map((text) => {
        const response = new twilio.twiml.VoiceResponse();
        response.say({ voice: text }, text);
        return Buffer.from(response.toString()).toString('hex');
    });
    const written = ours(texts.map((text) => ['twiml', text]));
    // A parser turns a bare CR in text into LF: theirs leaves it bare, ours keeps it. An empty attribute theirs leaves out.
    const flat = ([text, attribute]) => JSON.stringify([text.replace(/\r\n?/g, '\n'), attribute || '']);
    const a = parsed(written);
    const b = parsed(theirs);
    ok('our TwiML reads like theirs, 303 texts', texts.filter((text, i) => flat(a[i]) !== flat(b[i])));
    ok('and ours gives every text back exactly', texts.filter((text, i) => a[i][0] !== text || a[i][1] !== text));
}

function ask(method, target, form, signature) {
    const body = method === 'POST' ? encodeForm(form) : '';
    const env = { ...process.env, GATEWAY_INTERFACE: 'CGI/1.1', REQUEST_METHOD: method, REQUEST_URI: target,
        CONTENT_TYPE: 'application/x-www-form-urlencoded', CONTENT_LENGTH: String(body.length), HTTP_X_TWILIO_SIGNATURE: signature };
    const answer = spawnSync(webhook, { env, input: body }).stdout.toString();
    const split = answer.indexOf('\r\n\r\n');
    return { status: Number(answer.slice(8, 11)), body: answer.slice(split + 4) };
}

function requests() {
    const form = { AccountSid: 'AC1', CallSid: 'CAORACLE', From: '+14155550123', To: '+15550100', CallStatus: 'ringing' };
    const url = 'https://voice.example.com/api/twilio/incoming';
    const good = ask('POST', '/api/twilio/incoming', form, getExpectedTwilioSignature('12345', url, form));
    const token = /media-stream\/([^"]*)"/.exec(good.body);
    const wanted = new twilio.twiml.VoiceResponse();
    const stream = wanted.connect({ action: 'https://voice.example.com/api/twilio/after' }).stream({
        url: `wss://relay.example.com/media-stream/${token && token[1]}`,
        statusCallback: 'https://voice.example.com/api/twilio/stream-status',
    });
    stream.parameter({ name: 'merchantId', value: '1' });
    stream.parameter({ name: 'callerPhone', value: '+14155550123' });
    stream.parameter({ name: 'calledNumber', value: '+15550100' });
    const plain = (xml) => xml.replace(/^<\?xml[^>]*\?>\s*/, '').trim();
    ok('a request that they sign gets the document that they would write',
        good.status === 200 && plain(good.body) === plain(wanted.toString()) ? [] : [good, wanted.toString()]);
    const target = `/api/twilio/incoming?${encodeForm(form)}&odd='x'`;
    const get = ask('GET', target, {}, getExpectedTwilioSignature('12345', `https://voice.example.com:443${target}`, {}));
    ok('so does a GET, signed with the port', get.status === 200 && /<Connect /.test(get.body) ? [] : [get]);
    const forged = ask('POST', '/api/twilio/incoming', form, getExpectedTwilioSignature('12346', url, form));
    ok('one signed with another token is refused', forged.status === 403 ? [] : [forged]);
    const moved = ask('POST', '/api/twilio/incoming', { ...form, To: '+15550101' }, getExpectedTwilioSignature('12345', url, form));
    ok('and so is one whose To was changed', moved.status === 403 ? [] : [moved]);
}

if (crypto.createHash('sha1').update('').digest('hex').length !== 40) throw new Error('no SHA-1 here');
[signatures, verdicts, bodies, twiml, requests].forEach((test) => test());
console.log(`# twilio ${load('twilio/package.json').version}`);
process.exit(failed ? 1 : 0);
