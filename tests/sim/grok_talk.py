#!/usr/bin/python3
"""Talks to receptionai-sim-grok as an independent client would (python3-websockets) and prints what came, as JSON.

grok_talk.py URL SENTENCE.ulaw...   each file is raw mu-law at 8 kHz, sent in 20 ms frames in real time; after each the
                                    script listens until the answer is done.
Options: --ca FILE (wss), --key KEY, --tools NAME... (functions that are offered; each call is answered with {"ok": true}
once its response is done, and one response.create follows)
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
        self.called = []
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

    def dones(self):
        return [e for e in self.events if e["type"] == "response.done"]

    def calling(self):
        """How many responses have called functions."""
        return sum(any(item["type"] == "function_call" for item in e["response"]["output"]) for e in self.dones())

    async def answer_calls(self):
        """As the rules want it: outputs after response.done, then one response.create."""
        seen = 0
        while True:
            await self.wait("response.done", seen + 1, 600)
            done = self.dones()[seen]
            seen += 1
            calls = [item for item in done["response"]["output"] if item["type"] == "function_call"]
            for item in calls:
                self.called.append([item["name"], json.loads(item["arguments"])])
                await self.socket.send(json.dumps({"type": "conversation.item.create", "item": {
                    "type": "function_call_output", "call_id": item["call_id"], "output": '{"ok": true}'}}))
            if calls:
                await self.socket.send(json.dumps({"type": "response.create"}))

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
        UPDATE["session"]["tools"] = [{"type": "function", "name": name, "parameters": {"type": "object", "properties": {
            "message": {"type": "string"}, "caller_name": {"type": "string"}}}} for name in options.tools]
        await socket.send(json.dumps(UPDATE))
        await call.wait("session.updated")
        microphone = asyncio.create_task(call.microphone())
        await socket.send(json.dumps({"type": "response.create"}))
        await call.wait("response.done")
        answers = asyncio.create_task(call.answer_calls())
        for number, path in enumerate(options.files):
            call.say(path)
            await call.wait("input_audio_buffer.speech_stopped", number + 1)
            await call.wait("response.done", number + 2)
            while len(call.dones()) < number + 2 + call.calling():      # the answers to outputs, too
                await call.wait("response.done", len(call.dones()) + 1)
        microphone.cancel()
        answers.cancel()
        await socket.close()
        await reader
    return call


def summary(call):
    events = call.events
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
    return {"called": call.called, "heard": heard, "said": said, "audio_ms": audio // 8, "order": order}


parser = argparse.ArgumentParser()
parser.add_argument("url")
parser.add_argument("files", nargs="*")
parser.add_argument("--ca")
parser.add_argument("--tools", action="append", default=[])
parser.add_argument("--key", default="any")
arguments = parser.parse_args()
json.dump(summary(asyncio.run(talk(arguments))), sys.stdout, indent=1)
print()
