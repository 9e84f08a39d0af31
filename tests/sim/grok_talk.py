#!/usr/bin/python3
"""Talks to receptionai-sim-grok as an independent client would (python3-websockets) and prints what came, as JSON.

grok_talk.py URL SENTENCE.ulaw...   each file is raw mu-law at 8 kHz, sent in 20 ms frames in real time; after each the
                                    script listens until the answer is done.
Options: --ca FILE (wss), --key KEY, --interrupt MS (go on with the next file so long after an answer began)
"""
import argparse, asyncio, base64, json, ssl, sys, time
import websockets

SILENCE = b"\xff" * 160
UPDATE = {"type": "session.update", "session": {
    "instructions": "You are the receptionist of Bella's Trattoria. Opening hours: every day from five to eleven.",
    "voice": "eve",
    "turn_detection": {"type": "server_vad", "threshold": 0.85, "silence_duration_ms": 600, "prefix_padding_ms": 333},
    "audio": {"input": {"format": {"type": "audio/pcmu"}, "transcription": {"model": "grok-transcribe"}},
              "output": {"format": {"type": "audio/pcmu"}}}}}


class Call:
    def __init__(self, socket):
        self.socket, self.events, self.start, self.queue = socket, [], time.monotonic(), []
        self.changed = asyncio.Event()

    async def read(self):
        try:
            async for text in self.socket:
                event = json.loads(text)
                event["at"] = round(time.monotonic() - self.start, 3)
                self.events.append(event)
                self.changed.set()
        except websockets.ConnectionClosed:
            pass

    async def microphone(self):
        due = time.monotonic()
        while True:
            frame = self.queue.pop(0) if self.queue else SILENCE
            await self.socket.send(json.dumps({"type": "input_audio_buffer.append",
                                               "audio": base64.b64encode(frame).decode()}))
            due += 0.02
            await asyncio.sleep(max(0, due - time.monotonic()))

    def say(self, path):
        data = open(path, "rb").read()
        self.queue += [data[i:i + 160].ljust(160, b"\xff") for i in range(0, len(data), 160)]

    async def wait(self, kind, count=1, seconds=20):
        deadline = time.monotonic() + seconds
        while sum(e["type"] == kind for e in self.events) < count:
            self.changed.clear()
            await asyncio.wait_for(self.changed.wait(), deadline - time.monotonic())


async def talk(options):
    context = ssl.create_default_context(cafile=options.ca) if options.url.startswith("wss:") else None
    async with websockets.connect(options.url, ssl=context, max_size=None, compression=None,
                                  extra_headers={"Authorization": "Bearer " + options.key}) as socket:
        call = Call(socket)
        reader = asyncio.create_task(call.read())
        await socket.send(json.dumps(UPDATE))
        await call.wait("session.updated")
        microphone = asyncio.create_task(call.microphone())
        await socket.send(json.dumps({"type": "response.create"}))
        await call.wait("response.done")
        for number, path in enumerate(options.files):
            call.say(path)
            await call.wait("input_audio_buffer.speech_stopped", number + 1)
            await call.wait("response.done", number + 2)
        microphone.cancel()
        await socket.close()
        await reader
    return call.events


def summary(events):
    order, heard, said, audio = [], [], [], 0
    for e in events:
        if not order or order[-1] != e["type"]:
            order.append(e["type"])
        if e["type"].endswith("transcription.completed") and e["status"] == "completed":
            heard.append(e["transcript"])
        if e["type"] == "response.output_audio_transcript.done":
            said.append(e["transcript"])
        if e["type"] == "response.output_audio.delta":
            data = base64.b64decode(e["delta"], validate=True)
            assert abs(len(data) / 8 - e["audio_duration_ms"]) <= 1, (len(data), e["audio_duration_ms"])
            audio += len(data)
    return {"heard": heard, "said": said, "audio_ms": audio // 8, "order": order}


parser = argparse.ArgumentParser()
parser.add_argument("url")
parser.add_argument("files", nargs="*")
parser.add_argument("--ca")
parser.add_argument("--key", default="any")
arguments = parser.parse_args()
json.dump(summary(asyncio.run(talk(arguments))), sys.stdout, indent=1)
print()
