#include "client/vault/text_index.h"

#include <algorithm>
#include <utility>

namespace renkei::client {
namespace {

// AUTOINCREMENT: a row number is never used twice, so an old one in a block never finds a new text.
constexpr const char* kSchema =
    "CREATE TABLE search_texts(row INTEGER PRIMARY KEY AUTOINCREMENT, case_id BLOB NOT NULL,"
    " record_id BLOB NOT NULL, folded BLOB NOT NULL, UNIQUE(record_id, case_id));"
    "CREATE TABLE search_blocks(block INTEGER PRIMARY KEY AUTOINCREMENT, first INTEGER NOT NULL,"
    " last INTEGER NOT NULL, small INTEGER NOT NULL);"
    "CREATE TABLE search_postings(block INTEGER NOT NULL, gram INTEGER NOT NULL,"
    " docs BLOB NOT NULL, PRIMARY KEY(block, gram)) WITHOUT ROWID;";
constexpr const char* kDropSchema =
    "DROP TABLE search_texts; DROP TABLE search_blocks; DROP TABLE search_postings;";

constexpr const char* kEraseText = "DELETE FROM search_texts WHERE record_id = ?1 AND case_id = ?2";
constexpr const char* kInsertText =
    "INSERT INTO search_texts(record_id, case_id, folded) VALUES(?1, ?2, ?3)";
constexpr const char* kLastRow = "SELECT last_insert_rowid()";
constexpr const char* kSelectText =
    "SELECT case_id, record_id, folded FROM search_texts WHERE row = ?1";
constexpr const char* kSelectTail =
    "SELECT case_id, record_id, folded, row FROM search_texts WHERE row >= ?1 ORDER BY row DESC";
constexpr const char* kSelectBlocks =
    "SELECT block, first, last, small FROM search_blocks ORDER BY first DESC";
constexpr const char* kInsertBlock =
    "INSERT INTO search_blocks(first, last, small) VALUES(?1, ?2, ?3)";
constexpr const char* kEraseBlock = "DELETE FROM search_blocks WHERE block = ?1";
constexpr const char* kInsertPosting = "INSERT INTO search_postings VALUES(?1, ?2, ?3)";
constexpr const char* kSelectPosting =
    "SELECT docs FROM search_postings WHERE block = ?1 AND gram = ?2";
constexpr const char* kSelectSmallPostings =
    "SELECT p.gram, b.first, p.docs FROM search_blocks AS b JOIN search_postings AS p"
    " ON p.block = b.block WHERE b.small = 1 ORDER BY p.gram";
constexpr const char* kErasePostings = "DELETE FROM search_postings WHERE block = ?1";

constexpr Error kDamaged(Code::kCorrupt, "vault: the index is damaged");

// Collects what has each gram; grams must come in rising order. Small, because each gram is
// encoded once the next one comes.
class Postings {
 public:
  DocSet& At(Gram gram) {
    if (gram != gram_) {
      Flush();
      gram_ = gram;
    }
    return docs_;
  }
  std::vector<std::pair<Gram, Bytes>> Take() && {
    Flush();
    return std::move(done_);
  }

 private:
  void Flush() {
    if (gram_ != 0) {
      done_.emplace_back(gram_, docs_.Encode());
      docs_ = DocSet();
    }
  }

  Gram gram_ = 0;  // 0: none, no gram is 0
  DocSet docs_;
  std::vector<std::pair<Gram, Bytes>> done_;
};

}  // namespace

// A search under way.
struct TextIndex::Wanted {
  std::vector<Gram> grams;
  std::vector<std::string> words;   // all of them, folded, in UTF-8
  std::vector<std::string> unsure;  // those that having the grams does not prove
  std::size_t limit = 0;
  std::vector<SearchHit> hits;

  bool enough() const { return hits.size() >= limit; }

  // Takes the row if its text has all of `must`. Columns: case, record, folded.
  Status Consider(const Query& row, const std::vector<std::string>& must) {
    const std::string_view folded = must.empty() ? "" : AsText(row.Column(2));
    const bool all = std::all_of(must.begin(), must.end(), [folded](const std::string& word) {
      return folded.find(word) != std::string_view::npos;
    });
    if (!all) {
      return Ok();
    }
    const auto case_id = CaseId::FromBytes(row.Column(0));
    const auto record_id = RecordId::FromBytes(row.Column(1));
    if (!case_id.ok() || !record_id.ok()) {
      return kDamaged;
    }
    hits.push_back({*case_id, *record_id});
    return Ok();
  }
};

Status TextIndex::Create() {
  return database_.Execute(kSchema);
}

Status TextIndex::Reset() {
  tail_.reset();
  RENKEI_TRY(database_.Execute(kDropSchema));
  return Create();
}

Status TextIndex::Index(const CaseId& case_id, const RecordId& record_id, std::string_view text) {
  RENKEI_ASSIGN(const auto words, FoldWords(text));
  {
    RENKEI_ASSIGN(Query erase, database_.Prepare(kEraseText));
    RENKEI_TRY(erase.Bind(1, record_id.view()).Bind(2, case_id.view()).Run());
  }
  if (words.empty()) {
    return Ok();
  }
  RENKEI_TRY(LoadTail());
  const std::string folded = JoinWords(words);
  {
    RENKEI_ASSIGN(Query insert, database_.Prepare(kInsertText));
    RENKEI_TRY(
        insert.Bind(1, record_id.view()).Bind(2, case_id.view()).Bind(3, AsBytes(folded)).Run());
  }
  RENKEI_ASSIGN(const std::int64_t number, LastRow());
  tail_->bytes += folded.size();
  if (number - tail_->first + 1 >= kTailDocs || tail_->bytes >= kTailBytes) {
    return SealTail(number);
  }
  return Ok();
}

Result<std::vector<TextIndex::Block>> TextIndex::Blocks() {
  RENKEI_ASSIGN(Query select, database_.Prepare(kSelectBlocks));
  std::vector<Block> blocks;
  while (true) {
    RENKEI_ASSIGN(const bool row, select.Step());
    if (!row) {
      return blocks;
    }
    blocks.push_back({select.Number(0), select.Number(1), select.Number(2), select.Number(3) != 0});
  }
}

Status TextIndex::LoadTail() {
  if (tail_.has_value()) {
    return Ok();
  }
  Tail tail;
  RENKEI_ASSIGN(const auto blocks, Blocks());
  if (!blocks.empty()) {
    tail.first = blocks.front().last + 1;
  }
  RENKEI_ASSIGN(Query select, database_.Prepare(kSelectTail));
  select.BindNumber(1, tail.first);
  while (true) {
    RENKEI_ASSIGN(const bool row, select.Step());
    if (!row) {
      tail_ = tail;
      return Ok();
    }
    tail.bytes += select.Column(2).size();
  }
}

Status TextIndex::SealTail(std::int64_t last) {
  const std::int64_t first = tail_->first;
  std::vector<std::pair<Gram, std::size_t>> found;
  {
    RENKEI_ASSIGN(Query select, database_.Prepare(kSelectTail));
    select.BindNumber(1, first);
    while (true) {
      RENKEI_ASSIGN(const bool row, select.Step());
      if (!row) {
        break;
      }
      const auto doc = static_cast<std::size_t>(select.Number(3) - first);
      RENKEI_ASSIGN(const auto words, SplitWords(AsText(select.Column(2))));
      for (const Gram gram : IndexGrams(words)) {
        found.emplace_back(gram, doc);
      }
    }
  }
  std::sort(found.begin(), found.end());
  Postings postings;
  for (const auto& [gram, doc] : found) {
    if (doc >= DocSet::kCapacity) {
      return kDamaged;
    }
    postings.At(gram).Add(doc);
  }
  RENKEI_TRY(AddBlock({0, first, last, true}, std::move(postings).Take()));
  tail_ = Tail{last + 1, 0};
  return MergeSmallBlocks();
}

Status TextIndex::AddBlock(const Block& block,
                           const std::vector<std::pair<Gram, Bytes>>& postings) {
  {
    RENKEI_ASSIGN(Query insert, database_.Prepare(kInsertBlock));
    RENKEI_TRY(insert.BindNumber(1, block.first)
                   .BindNumber(2, block.last)
                   .BindNumber(3, block.small ? 1 : 0)
                   .Run());
  }
  RENKEI_ASSIGN(const std::int64_t number, LastRow());
  for (const auto& [gram, docs] : postings) {
    RENKEI_ASSIGN(Query insert, database_.Prepare(kInsertPosting));
    RENKEI_TRY(insert.BindNumber(1, number)
                   .BindNumber(2, static_cast<std::int64_t>(gram))
                   .Bind(3, docs)
                   .Run());
  }
  return Ok();
}

Result<std::int64_t> TextIndex::LastRow() {
  RENKEI_ASSIGN(Query last, database_.Prepare(kLastRow));
  RENKEI_ASSIGN(const bool row, last.Step());
  RENKEI_CHECK(row);
  return last.Number(0);
}

Status TextIndex::MergeSmallBlocks() {
  RENKEI_ASSIGN(std::vector<Block> blocks, Blocks());
  std::erase_if(blocks, [](const Block& block) { return !block.small; });
  if (blocks.size() < kMergedBlocks) {
    return Ok();
  }
  const std::int64_t first = blocks.back().first;
  Postings postings;
  {
    RENKEI_ASSIGN(Query select, database_.Prepare(kSelectSmallPostings));
    while (true) {
      RENKEI_ASSIGN(const bool row, select.Step());
      if (!row) {
        break;
      }
      RENKEI_ASSIGN(const DocSet docs, DocSet::Decode(select.Column(2)));
      RENKEI_TRY(postings.At(static_cast<Gram>(select.Number(0)))
                     .AddShifted(docs, static_cast<std::size_t>(select.Number(1) - first)));
    }
  }
  for (const Block& block : blocks) {
    for (const char* sql : {kErasePostings, kEraseBlock}) {
      RENKEI_ASSIGN(Query erase, database_.Prepare(sql));
      RENKEI_TRY(erase.BindNumber(1, block.number).Run());
    }
  }
  return AddBlock({0, first, blocks.front().last, false}, std::move(postings).Take());
}

Result<std::vector<SearchHit>> TextIndex::Search(std::string_view query, std::size_t limit) {
  RENKEI_ASSIGN(const auto words, FoldQuery(query));
  Wanted wanted;
  wanted.limit = std::min(limit, kMaxSearchHits);
  if (words.empty() || wanted.enough()) {
    return wanted.hits;
  }
  wanted.grams = QueryGrams(words);
  for (const std::u32string& word : words) {
    wanted.words.push_back(JoinWords({word}));
    if (!GramIsWord(word)) {
      wanted.unsure.push_back(wanted.words.back());
    }
  }
  RENKEI_ASSIGN(const std::vector<Block> blocks, Blocks());
  RENKEI_TRY(SearchTail(wanted, blocks.empty() ? 1 : blocks.front().last + 1));
  for (const Block& block : blocks) {
    if (wanted.enough()) {
      break;
    }
    RENKEI_TRY(SearchBlock(wanted, block));
  }
  return std::move(wanted.hits);
}

Status TextIndex::SearchTail(Wanted& wanted, std::int64_t first) {
  RENKEI_ASSIGN(Query select, database_.Prepare(kSelectTail));
  select.BindNumber(1, first);
  while (!wanted.enough()) {
    RENKEI_ASSIGN(const bool row, select.Step());
    if (!row) {
      break;
    }
    RENKEI_TRY(wanted.Consider(select, wanted.words));
  }
  return Ok();
}

Status TextIndex::SearchBlock(Wanted& wanted, const Block& block) {
  std::optional<DocSet> candidates;
  for (std::size_t i = 0; i < wanted.grams.size(); ++i) {
    RENKEI_ASSIGN(const std::optional<DocSet> docs, Posting(block.number, wanted.grams[i]));
    if (!docs.has_value()) {
      // What is missing here is rare: ask for it first in the next block.
      std::swap(wanted.grams[i], wanted.grams.front());
      return Ok();
    }
    if (candidates.has_value()) {
      candidates->Intersect(*docs);
    } else {
      candidates = docs;
    }
  }
  for (const std::size_t doc : candidates->Descending()) {
    if (wanted.enough()) {
      break;
    }
    RENKEI_ASSIGN(Query select, database_.Prepare(kSelectText));
    select.BindNumber(1, block.first + static_cast<std::int64_t>(doc));
    RENKEI_ASSIGN(const bool row, select.Step());
    if (row) {
      RENKEI_TRY(wanted.Consider(select, wanted.unsure));
    }
  }
  return Ok();
}

Result<std::optional<DocSet>> TextIndex::Posting(std::int64_t block, Gram gram) {
  RENKEI_ASSIGN(Query select, database_.Prepare(kSelectPosting));
  select.BindNumber(1, block).BindNumber(2, static_cast<std::int64_t>(gram));
  RENKEI_ASSIGN(const bool row, select.Step());
  std::optional<DocSet> docs;
  if (row) {
    RENKEI_ASSIGN(docs, DocSet::Decode(select.Column(0)));
  }
  return docs;
}

}  // namespace renkei::client
