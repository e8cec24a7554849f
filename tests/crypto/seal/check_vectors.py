#!/usr/bin/env python3
"""Checks vectors/*.json against crypto/README.md with other people's primitives.

    check_vectors.py DIR

Written from the README alone, on Python's `cryptography` (Debian: python3-cryptography); exits 77
(skipped) where that is missing. What both sides misread in the same way it cannot find, but a
mistake in our HPKE, HKDF, XChaCha20 or layouts it does.
"""
import hashlib
import hmac
import json
import pathlib
import struct
import sys

try:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.x25519 import (X25519PrivateKey,
                                                                  X25519PublicKey)
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
except ImportError:
    print("skipped: python3-cryptography is not installed")
    sys.exit(77)

unhex = bytes.fromhex


def sha256(data):
    return hashlib.sha256(data).digest()


def hkdf_extract(salt, key):
    return hmac.new(salt or bytes(32), key, hashlib.sha256).digest()


def hkdf_expand(key, info, length):
    out, block, counter = b"", b"", 1
    while len(out) < length:
        block = hmac.new(key, block + info + bytes([counter]), hashlib.sha256).digest()
        out += block
        counter += 1
    return out[:length]


def sign_content(label, content):
    def opaque(data):
        size = len(data)
        if size < 64:
            return bytes([size]) + data
        if size < 16384:
            return struct.pack(">H", 0x4000 | size) + data
        return struct.pack(">I", 0x80000000 | size) + data

    return opaque(label.encode()) + opaque(content)


def verify(key, label, content, signature):
    Ed25519PublicKey.from_public_bytes(key).verify(signature, sign_content(label, content))


def fields(message):
    """[(field number, int or bytes)] of a protobuf message."""
    out, at = [], 0

    def varint():
        nonlocal at
        value, shift = 0, 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        tag = varint()
        if tag & 7 == 0:
            out.append((tag >> 3, varint()))
        else:
            size = varint()
            out.append((tag >> 3, message[at:at + size]))
            at += size
    return out


def message(data):
    return dict(fields(data))


# RFC 9180, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305, base mode.
KEM = b"KEM" + struct.pack(">H", 0x20)
HPKE = b"HPKE" + struct.pack(">HHH", 0x20, 1, 3)


def labeled_extract(suite, salt, label, key):
    return hkdf_extract(salt, b"HPKE-v1" + suite + label + key)


def labeled_expand(suite, key, label, info, length):
    return hkdf_expand(key, struct.pack(">H", length) + b"HPKE-v1" + suite + label + info, length)


def derive_key_pair(key):
    secret = labeled_extract(KEM, b"", b"dkp_prk", key)
    return X25519PrivateKey.from_private_bytes(labeled_expand(KEM, secret, b"sk", b"", 32))


def public_bytes(private_key):
    return private_key.public_key().public_bytes(serialization.Encoding.Raw,
                                                 serialization.PublicFormat.Raw)


def key_and_nonce(private_key, other, enc, recipient, info):
    dh = private_key.exchange(X25519PublicKey.from_public_bytes(other))
    shared = labeled_expand(KEM, labeled_extract(KEM, b"", b"eae_prk", dh), b"shared_secret",
                            enc + recipient, 32)
    context = (b"\0" + labeled_extract(HPKE, b"", b"psk_id_hash", b"") +
               labeled_extract(HPKE, b"", b"info_hash", info))
    secret = labeled_extract(HPKE, shared, b"secret", b"")
    return (labeled_expand(HPKE, secret, b"key", context, 32),
            labeled_expand(HPKE, secret, b"base_nonce", context, 12))


def hpke_seal(ephemeral, recipient, info, plaintext):
    enc = public_bytes(ephemeral)
    key, nonce = key_and_nonce(ephemeral, recipient, enc, recipient, info)
    return enc, ChaCha20Poly1305(key).encrypt(nonce, plaintext, b"")


def hpke_open(private, enc, info, ciphertext):
    private_key = X25519PrivateKey.from_private_bytes(private)
    key, nonce = key_and_nonce(private_key, enc, enc, public_bytes(private_key), info)
    return ChaCha20Poly1305(key).decrypt(nonce, ciphertext, b"")


def hchacha20(key, nonce):
    state = list(struct.unpack("<4I", b"expand 32-byte k") + struct.unpack("<8I", key) +
                 struct.unpack("<4I", nonce))

    def rotate(value, count):
        return ((value << count) | (value >> (32 - count))) & 0xFFFFFFFF

    def quarter(a, b, c, d):
        for first, second, third, count in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8),
                                            (c, d, b, 7)):
            state[first] = (state[first] + state[second]) & 0xFFFFFFFF
            state[third] = rotate(state[third] ^ state[first], count)

    for _ in range(10):
        for column in range(4):
            quarter(column, 4 + column, 8 + column, 12 + column)
        for column in range(4):
            quarter(column, 4 + (column + 1) % 4, 8 + (column + 2) % 4, 12 + (column + 3) % 4)
    return struct.pack("<8I", *(state[0:4] + state[12:16]))


def xchacha_open(key, nonce, data, ciphertext):
    subkey = hchacha20(key, nonce[:16])
    return ChaCha20Poly1305(subkey).decrypt(bytes(4) + nonce[16:], ciphertext, data)


def check_thread(vector):
    chain = sha256(b"Renkei 1.0 thread start" + unhex(vector["case_id"]))
    assert chain.hex() == vector["start_hash"]
    for entry in vector["entries"]:
        chain = sha256(b"Renkei 1.0 thread entry" + chain +
                       struct.pack(">QBq", entry["seq"], entry["kind"], entry["received_at"]) +
                       sha256(unhex(entry["payload"])))
        assert chain.hex() == entry["hash"]
    for name, label, key in (
            ("signed_head", "Renkei 1.0 thread head", "relay_key"),
            ("signed_relay_note", "Renkei 1.0 relay note", "relay_key"),
            ("signed_closing_notice", "Renkei 1.0 closing notice", "sender_key"),
            ("signed_deletion_certificate", "Renkei 1.0 deletion certificate", "relay_key")):
        signed = message(unhex(vector[name]))
        verify(unhex(vector[key]), label, signed[1], signed[2])
    certificate = message(message(unhex(vector["signed_deletion_certificate"]))[1])
    assert certificate[8].hex() == vector["signed_closing_notice"]

    for text in vector["signed_heads"]:
        signed = message(unhex(text))
        node = sha256(b"Renkei 1.0 head in a batch" + signed[1])
        path, sides = signed[3], signed.get(4, 0)
        for at in range(0, len(path), 32):
            pair = (path[at:at + 32], node) if sides & 1 else (node, path[at:at + 32])
            node = sha256(b"Renkei 1.0 node of a batch" + b"".join(pair))
            sides >>= 1
        assert sides == 0
        verify(unhex(vector["relay_key"]), "Renkei 1.0 batch of heads", node, signed[2])


def check_cards(vector):
    previous = bytes(32)
    for item in vector["cards"]:
        signed = message(unhex(item["signed_card"]))
        verify(unhex(item["signing_key"]), "Renkei 1.0 epoch card", signed[1], signed[2])
        assert sha256(signed[1]).hex() == item["card_hash"]
        card = message(signed[1])
        assert card[6] == (sha256(unhex(item["commit"])) if item["commit"] else bytes(32))
        assert card[7] == previous
        previous = sha256(signed[1])
    for name, label in (("signed_link", "Renkei 1.0 device link"),
                        ("signed_leave_request", "Renkei 1.0 leave request")):
        signed = message(unhex(vector[name]))
        verify(unhex(vector["linking_key"]), label, signed[1], signed[2])


def check_record(vector):
    secret = unhex(vector["archive_secret"])
    assert hkdf_expand(secret, b"renkei epoch id v1", 32).hex() == vector["epoch_id"]
    key = hkdf_expand(secret, b"renkei record key v1", 32)
    record = message(unhex(vector["sealed_record"]))
    data = (b"Renkei 1.0 sealed record\x01" + record[2] +
            struct.pack(">IQ", record.get(3, 0), record.get(4, 0)) + record[5] + record[6] +
            record[7] + bytes([record.get(8, 0)]) + record[9] +
            struct.pack(">Q", record.get(10, 0)) + record[11])
    assert len(data) == 190 and data.hex() == vector["associated_data"]
    padded = xchacha_open(key, record[12], data, record[13]).rstrip(b"\0")
    assert padded[-1] == 0x80
    body = message(padded[:-1])
    assert body[4].hex() == vector["content"]
    verify(unhex(vector["signing_key"]), "Renkei 1.0 record",
           data + struct.pack(">I", body[1]) + body[3] + struct.pack(">q", body[2]) +
           sha256(body[4]) + b"\0", body[5])


def check_envelope(vector):
    secret, to = unhex(vector["archive_secret"]), vector["to"]
    place = (unhex(to["key_id"]) + unhex(vector["case_id"]) +
             struct.pack(">IQ", vector["generation"], vector["epoch"]))
    ephemeral = derive_key_pair(hkdf_expand(secret, b"renkei envelope eph v1" + place, 32))
    info = b"Renkei 1.0 envelope\x01" + place + struct.pack(">I", to["key_version"])
    enc, ciphertext = hpke_seal(ephemeral, unhex(to["public_key"]), info, secret)
    envelope = message(unhex(vector["envelope"]))
    assert envelope[7] == enc and envelope[8] == ciphertext


def check_pack(vector):
    pack = message(unhex(vector["pack"]))
    info = (b"Renkei 1.0 archive pack\x01" + pack[2] + pack[3] + struct.pack(">I", pack[4]) +
            pack[5])
    content = hpke_open(unhex(vector["to"]["private_key"]), pack[6], info, pack[7])
    opened = [message(item)[3].hex() for _, item in fields(content)]
    assert opened == [secret["archive_secret"] for secret in vector["secrets"]]
    signed = message(unhex(vector["signed_notice"]))
    verify(unhex(vector["sender_key"]), "Renkei 1.0 pack notice", signed[1], signed[2])
    assert message(signed[1])[5] == sha256(unhex(vector["pack"]))


def check_link_package(vector):
    sealed = message(unhex(vector["sealed_link_package"]))
    info = (b"Renkei 1.0 link package\x01" + unhex(vector["linking_device"]) +
            unhex(vector["new_device"]) + unhex(vector["device_public_key"]))
    package = message(hpke_open(unhex(vector["device_private_key"]), sealed[1], info, sealed[2]))
    assert message(package[1])[2].hex() == vector["archive_private_key"]
    assert message(package[2])[3].hex() == vector["thread_hash"]


def check_invitations(vectors):
    digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    for vector in vectors:
        prefix, text = vector["code"][:8], vector["code"][8:].replace("-", "")
        assert prefix == "RENKEI1-"
        number = 0
        for digit in text:
            number = number << 5 | digits.index(digit)
        size = len(text) * 5 // 8
        code = (number >> (len(text) * 5 - size * 8)).to_bytes(size, "big")
        address = vector["relay_address"].encode()
        expected = (bytes([1, vector["purpose"]]) + unhex(vector["region"]) +
                    unhex(vector["root_fingerprint"]) + unhex(vector["institution"]) +
                    unhex(vector["person"]) + unhex(vector["institution_key_hash"]) +
                    unhex(vector["ticket"]) + unhex(vector["secret"]) +
                    struct.pack(">qB", vector["expires_at"], len(address)) + address)
        assert code == expected + sha256(b"Renkei 1.0 invitation checksum" + expected)[:4]


def check_join_requests(vector):
    for item in vector["requests"]:
        signed = message(unhex(item["signed_join_request"]))
        request = message(signed[1])
        key = hkdf_expand(unhex(item["secret"]), b"renkei join mac v1", 32)
        assert signed[5] == hmac.new(key, signed[1], hashlib.sha256).digest()
        verify(request[10], "Renkei 1.0 join request, signing key", signed[1], signed[2])
        verify(request[12], "Renkei 1.0 join request, TLS key", signed[1], signed[3])
        if item["purpose"] == 1:
            verify(request[14], "Renkei 1.0 join request, CA key", signed[1], signed[4])


def check_padding(vectors):
    for vector in vectors:
        length = vector["size"] + 1
        exponent = length.bit_length() - 1
        step = 1 << max(exponent - exponent.bit_length(), 0)
        assert vector["padded"] == max(1024, -(-length // step) * step)


def main():
    folder = pathlib.Path(sys.argv[1])
    for name, check in (("thread", check_thread), ("cards", check_cards),
                        ("record", check_record), ("envelope", check_envelope),
                        ("pack", check_pack), ("link_package", check_link_package),
                        ("invitations", check_invitations),
                        ("join_requests", check_join_requests), ("padding", check_padding)):
        check(json.loads((folder / f"{name}.json").read_text(encoding="utf-8")))
        print(f"{name}: agrees")


if __name__ == "__main__":
    main()
