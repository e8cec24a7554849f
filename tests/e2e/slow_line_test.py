"""Over a telephone whose contract is used up (128 kbit/s in Japan) a device reads all that it missed:
what does not come within a call's time would never come."""
import socket
import threading
import time
import unittest

from harness import RegionTest, free_port

BYTES_A_SECOND = 16 * 1024
NOTES = 14


class SlowLine:
    """Takes connections at `port` and passes bytes on to `address`, slowly from there while `slow`."""

    def __init__(self, port, address):
        host, at = address.rsplit(":", 1)
        self.slow, self.brought, self.address = False, 0, (host, int(at))
        self.listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.join, args=(near,), daemon=True).start()

    def join(self, near):
        with near, socket.create_connection(self.address) as far:
            there = threading.Thread(target=self.carry, args=(near, far, False), daemon=True)
            there.start()
            self.carry(far, near, True)
            there.join()

    def carry(self, source, target, is_back):
        try:
            while some := source.recv(1600):
                if is_back:
                    self.brought += len(some)
                    if self.slow:
                        time.sleep(len(some) / BYTES_A_SECOND)
                target.sendall(some)
        except OSError:
            pass  # one of the two has gone
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class OverASlowLine(RegionTest):
    def test_what_was_missed_arrives(self):
        relay = self.world.relay
        port = int(relay.address.rsplit(":", 1)[1])
        relay.stop()
        line = SlowLine(port, relay.start(f"127.0.0.1:{free_port()}"))
        self.addCleanup(line.listener.close)
        texts = [f"{number}（架空）" + "あ" * 9900 for number in range(NOTES)]
        for text in texts:
            self.note(self.nurse, text)
        line.slow, line.brought = True, 0
        begin = time.monotonic()
        self.doctor.sync()
        took = time.monotonic() - begin
        # Longer than a call has that asks for nothing large.
        self.assertGreater(line.brought, 22 * BYTES_A_SECOND)
        self.assertGreater(took, 22)
        line.slow = False
        self.assertEqual(self.texts(self.doctor), texts)


if __name__ == "__main__":
    unittest.main()
