// A minimal relay between Twilio Media Streams and Grok, as Twilio's and xAI's sample code writes it: one WebSocket
// each way, JSON.parse and JSON.stringify on every message, audio passed on as base64 as it is. A peer for the
// benchmark, not a product: no authentication, no database, no limits.
//
//   PORT            where Twilio connects (path /media-stream)
//   TLS_CERT, TLS_KEY   PEM files: then the port speaks wss
//   GROK_URL        ws: or wss:, with GROK_CA_FILE as its root; XAI_API_KEY goes into the Authorization header
'use strict';

const fs = require('fs');
const http = require('http');
const https = require('https');
const { WebSocket, WebSocketServer } = require('ws');

const { PORT = '8080', TLS_CERT, TLS_KEY, GROK_URL = 'wss://api.x.ai/v1/realtime', GROK_CA_FILE } = process.env;
const grokOptions = {
  headers: { Authorization: `Bearer ${process.env.XAI_API_KEY || 'none'}` },
  perMessageDeflate: false,
  ...(GROK_CA_FILE ? { ca: fs.readFileSync(GROK_CA_FILE) } : {}),
};

const sessionUpdate = {
  type: 'session.update',
  session: {
    voice: 'eve',
    instructions: 'You are a helpful receptionist.',
    turn_detection: { type: 'server_vad' },
    audio: {
      input: { format: { type: 'audio/pcmu' }, transcription: { model: 'grok-transcribe' } },
      output: { format: { type: 'audio/pcmu' } },
    },
  },
};

// Audio that comes before Grok is ready; the samples drop it, which the load generator would count as loss.
const HELD_MESSAGES_MAX = 50;

function handleCall(twilio) {
  const grok = new WebSocket(GROK_URL, grokOptions);
  let streamSid = null;
  let ready = false;
  let held = [];

  twilio.on('message', (data) => {
    const message = JSON.parse(data);
    switch (message.event) {
      case 'start':
        streamSid = message.start.streamSid;
        break;
      case 'media': {
        const append = { type: 'input_audio_buffer.append', audio: message.media.payload };
        if (ready) {
          grok.send(JSON.stringify(append));
        } else if (held.length < HELD_MESSAGES_MAX) {
          held.push(append);
        }
        break;
      }
      case 'stop':
        grok.close();
        break;
      default:
        break;
    }
  });

  grok.on('open', () => grok.send(JSON.stringify(sessionUpdate)));
  grok.on('message', (data) => {
    const message = JSON.parse(data);
    switch (message.type) {
      case 'session.updated':
        ready = true;
        held.forEach((append) => grok.send(JSON.stringify(append)));
        held = [];
        break;
      case 'response.output_audio.delta':
        twilio.send(JSON.stringify({ event: 'media', streamSid, media: { payload: message.delta } }));
        break;
      case 'input_audio_buffer.speech_started':
        twilio.send(JSON.stringify({ event: 'clear', streamSid }));
        break;
      case 'error':
        console.error('grok:', message.error);
        break;
      default:
        break;
    }
  });

  twilio.on('close', () => grok.close());
  grok.on('close', () => twilio.close());
  twilio.on('error', (error) => console.error('twilio:', error.message));
  grok.on('error', (error) => {
    console.error('grok:', error.message);
    twilio.close();
  });
}

const server = TLS_CERT
  ? https.createServer({ cert: fs.readFileSync(TLS_CERT), key: fs.readFileSync(TLS_KEY) })
  : http.createServer();
new WebSocketServer({ server, perMessageDeflate: false }).on('connection', handleCall);
server.listen(Number(PORT), '127.0.0.1', () => console.log(`listening on ${PORT}`));
