"""Participants as far as bookings need them: text messages over a WebSocket."""

import contextlib
import json
import struct
import threading

import websockets.sync.client


ACK = 3


class Person:
    def __init__(self, hub, name="Ada", space="training-1", token=None):
        self.stack = contextlib.ExitStack()
        self.socket = self.stack.enter_context(websockets.sync.client.connect(
            f"ws://127.0.0.1:{hub.port}/ws", subprotocols=["hub.v1"], compression=None, max_size=1 << 22))
        self.send(t="hello", protocol=1, name=name, space=space, view="list", **({"token": token} if token else {}))
        self.messages = []
        self.raw = []
        self.changed = threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()
        self.wait("welcome")

    def send(self, **message):
        self.socket.send(json.dumps(message))

    def read(self):
        try:
            for data in self.socket:
                if isinstance(data, bytes):
                    # Frames are acknowledged unread, so that the hub keeps the session (docs/PROTOCOL.md, section 5).
                    self.socket.send(struct.pack("<BH", ACK, struct.unpack_from("<H", data, 1)[0]))
                    continue
                with self.changed:
                    self.raw.append(data)
                    self.messages.append(json.loads(data))
                    self.changed.notify_all()
        except websockets.exceptions.ConnectionClosed:
            pass

    def wait(self, kind, check=lambda message: True, seconds=60):
        """The first message of that kind that fits, past or to come."""
        def find():
            return next((m for m in self.messages if m["t"] == kind and check(m)), None)
        with self.changed:
            assert self.changed.wait_for(lambda: find() is not None, seconds), (kind, self.messages[-5:])
            return find()

    def wait_any(self, check, seconds=60):
        """The first message of any kind that fits."""
        with self.changed:
            assert self.changed.wait_for(lambda: any(check(m) for m in self.messages), seconds), self.messages[-5:]
            return next(m for m in self.messages if check(m))

    def book(self, ref, room, start, end, **more):
        """Asks for a slot and returns how that went."""
        self.send(t="book", room=room, action=more.pop("action", "book"), ref=ref, **{"from": start, "to": end}, **more)
        return self.wait("booking", lambda m: m.get("ref") == ref and m["state"] != "pending")

    def close(self):
        self.stack.close()
