// Everything the codec can read, in turn, over one input; and each length it accepts encodes back.
#include <algorithm>

#include "tests/fuzz/fuzz.h"

namespace {

using renkei::Bytes;
using renkei::ByteView;
namespace wire = renkei::wire;

void ReadLengths(ByteView input) {
  wire::Reader in(input);
  std::size_t length = 0;
  while (!in.AtEnd()) {
    const std::size_t before = in.remaining();
    if (!in.Length(length).ok()) {
      return;
    }
    wire::Writer out;
    out.Length(length);
    const ByteView read = input.subspan(input.size() - before, before - in.remaining());
    RENKEI_CHECK(std::equal(out.view().begin(), out.view().end(), read.begin(), read.end()));
  }
}

void ReadNested(ByteView input) {
  wire::Reader in(input);
  wire::Reader body;
  while (in.Vector(body).ok()) {
    RENKEI_CHECK(body.remaining() + in.remaining() < input.size());
    in = body;
    input = body.rest();
  }
}

void ReadVectors(ByteView input) {
  wire::Reader in(input);
  std::vector<Bytes> values;
  if (wire::DecodeVector(in, values, 1000).ok()) {
    wire::Writer out;
    wire::EncodeVector(out, values);
    const ByteView read = input.first(input.size() - in.remaining());
    RENKEI_CHECK(std::equal(out.view().begin(), out.view().end(), read.begin(), read.end()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  ReadLengths(input);
  ReadNested(input);
  ReadVectors(input);
  renkei::fuzz::DecodeEncodeIsIdentity<Bytes>(input);
  return 0;
}
