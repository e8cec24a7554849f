#include "server/store/key_prints.h"

#include <algorithm>

namespace renkei::server {
namespace {

// So many are compared without a branch between them, which compilers do several at once.
constexpr std::size_t kTogether = 64;

void AppendLittleEndian(Bytes& out, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) {
    out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
}

// Of `prints`, as they are kept, from the entry `first` of the thread on.
Bytes SealOf(const KeyPrints::Secret& secret, std::int64_t thread, std::uint64_t first,
             ByteView prints) {
  Bytes place;
  AppendLittleEndian(place, static_cast<std::uint64_t>(thread), sizeof thread);
  AppendLittleEndian(place, first, sizeof first);
  Append(place, prints);
  Bytes out;
  AppendLittleEndian(out, ShortHash(secret, place), sizeof(std::uint64_t));
  return out;
}

// Where an entry with this print is looked for first.
std::size_t HomeOf(std::uint32_t print, std::size_t places) {
  return static_cast<std::size_t>((std::uint64_t{print} * places) >> 32U);
}

std::size_t After(std::size_t place, std::size_t places) {
  return place + 1 < places ? place + 1 : 0;
}

// One without a key is looked for by nobody, and thousands of them would all have one home.
void PutInto(std::vector<std::uint32_t>& table, std::uint32_t print, std::uint32_t seq) {
  if (print == 0) {
    return;
  }
  std::size_t place = HomeOf(print, table.size());
  while (table[place] != 0) {
    place = After(place, table.size());
  }
  table[place] = seq;
}

std::uint64_t FindInList(std::span<const std::uint32_t> prints, std::uint32_t wanted,
                         std::uint64_t after) {
  auto at = static_cast<std::size_t>(std::min<std::uint64_t>(after, prints.size()));
  for (; prints.size() - at >= kTogether; at += kTogether) {
    std::uint32_t found = 0;
    for (std::size_t i = 0; i < kTogether; ++i) {
      found |= static_cast<std::uint32_t>(prints[at + i] == wanted);
    }
    if (found != 0) {
      break;
    }
  }
  const auto found =
      std::find(prints.begin() + static_cast<std::ptrdiff_t>(at), prints.end(), wanted);
  return found == prints.end() ? 0 : static_cast<std::uint64_t>(found - prints.begin()) + 1;
}

std::uint64_t FindInTable(std::span<const std::uint32_t> table,
                          std::span<const std::uint32_t> prints, std::uint32_t wanted,
                          std::uint64_t after) {
  std::uint64_t first = 0;
  for (std::size_t place = HomeOf(wanted, table.size()); table[place] != 0;
       place = After(place, table.size())) {
    const std::uint32_t seq = table[place];
    if (prints[seq - 1] == wanted && seq > after && (first == 0 || seq < first)) {
      first = seq;
    }
  }
  return first;
}

}  // namespace

std::uint64_t KeyPrints::Known(std::int64_t thread) const {
  const auto it = threads_.find(thread);
  return it == threads_.end() ? 0 : it->second.prints.size();
}

void KeyPrints::MakeRoom() {
  if (count_ >= max_prints_) {
    threads_.clear();
    count_ = 0;
  }
}

KeyPrints::Thread& KeyPrints::Changing(std::int64_t thread) {
  Thread& out = threads_[thread];
  before_.try_emplace(thread, out.prints.size());
  return out;
}

void KeyPrints::Push(Thread& thread, Print print) {
  std::vector<Print>& prints = thread.prints;
  // By a quarter: twice as much room as is needed would be much for what lives so long.
  if (prints.size() == prints.capacity()) {
    prints.reserve(prints.size() + std::max(prints.size() / 4, kBlock));
  }
  prints.push_back(print);
  ++count_;
  if (thread.table.size() >= prints.size() + prints.size() / 2) {
    PutInto(thread.table, print, static_cast<std::uint32_t>(prints.size()));
  } else {
    thread.table.clear();
  }
}

void KeyPrints::MakeTable(Thread& thread) {
  thread.table.assign(2 * thread.prints.size(), 0);
  for (std::size_t i = 0; i < thread.prints.size(); ++i) {
    PutInto(thread.table, thread.prints[i], static_cast<std::uint32_t>(i + 1));
  }
}

void KeyPrints::Add(std::int64_t thread, const std::optional<EntryKey>& key) {
  Push(Changing(thread), PrintOf(key));
}

std::uint64_t KeyPrints::Find(std::int64_t thread, const EntryKey& key, std::uint64_t after) {
  const auto it = threads_.find(thread);
  if (it == threads_.end()) {
    return 0;
  }
  const auto& [prints, table] = it->second;
  if (table.empty() && prints.size() >= kTable) {
    MakeTable(it->second);
  }
  const Print wanted = PrintOf(key);
  return table.empty() ? FindInList(prints, wanted, after)
                       : FindInTable(table, prints, wanted, after);
}

Bytes KeyPrints::LastBlock(std::int64_t thread) const {
  const std::vector<Print>& prints = threads_.at(thread).prints;
  RENKEI_CHECK(!prints.empty() && prints.size() % kBlock == 0);
  const std::size_t before = prints.size() - kBlock;
  Bytes out;
  for (std::size_t i = before; i < prints.size(); ++i) {
    AppendLittleEndian(out, prints[i], sizeof(Print));
  }
  Append(out, SealOf(secret_, thread, before + 1, out));
  return out;
}

Result<std::vector<KeyPrints::Print>> KeyPrints::ReadBlock(std::int64_t thread, std::uint64_t first,
                                                           ByteView block) const {
  constexpr std::size_t kPrintBytes = kBlock * sizeof(Print);
  if (block.size() < kPrintBytes ||
      !std::ranges::equal(SealOf(secret_, thread, first, block.first(kPrintBytes)),
                          block.subspan(kPrintBytes))) {
    return Error(Code::kCorrupt, "store: the keys of a thread are not as they were stored");
  }
  std::vector<Print> out(kBlock);
  for (std::size_t i = 0; i < kPrintBytes; ++i) {
    out[i / sizeof(Print)] |= Print{block[i]} << (8 * (i % sizeof(Print)));
  }
  return out;
}

Status KeyPrints::AddBlock(std::int64_t thread, ByteView block) {
  Thread& changing = Changing(thread);
  const std::size_t before = changing.prints.size();
  RENKEI_CHECK(before % kBlock == 0);
  RENKEI_ASSIGN(const std::vector<Print> prints, ReadBlock(thread, before + 1, block));
  for (const Print print : prints) {
    Push(changing, print);
  }
  return Ok();
}

Status KeyPrints::CheckBlock(std::int64_t thread, std::uint64_t first, ByteView block,
                             std::uint64_t seq, const std::optional<EntryKey>& key) const {
  RENKEI_ASSIGN(const std::vector<Print> prints, ReadBlock(thread, first, block));
  return prints.at(static_cast<std::size_t>(seq - first)) == PrintOf(key)
             ? Ok()
             : Status(Error(Code::kCorrupt, "store: the key of an entry is another"));
}

void KeyPrints::Undo() {
  for (const auto& [thread, before] : before_) {
    const auto it = threads_.find(thread);
    if (it == threads_.end()) {
      continue;
    }
    auto& [prints, table] = it->second;
    // From the last one on: nobody stands behind them that would not be found any more.
    for (; prints.size() > before; prints.pop_back(), --count_) {
      if (!table.empty() && prints.back() != 0) {
        std::size_t place = HomeOf(prints.back(), table.size());
        while (table[place] != prints.size()) {
          place = After(place, table.size());
        }
        table[place] = 0;
      }
    }
  }
  before_.clear();
}

KeyPrints::Print KeyPrints::PrintOf(const std::optional<EntryKey>& key) const {
  return key ? std::max(static_cast<Print>(ShortHash(secret_, *key)), Print{1}) : 0;
}

}  // namespace renkei::server
