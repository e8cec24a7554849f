#include "client/core/text_fold.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <array>

namespace renkei::client {
namespace {

constexpr char32_t kKatakanaFirst = U'ァ';
constexpr char32_t kKatakanaLast = U'ヺ';
constexpr char32_t kLongVowel = U'ー';
constexpr char32_t kRepeatKanji = U'々';
constexpr char32_t kRepeatKana = U'ヽ';
constexpr char32_t kRepeatVoiced = U'ヾ';
constexpr std::size_t kMaxPassphraseBytes = 1024;

struct Variant {
  char32_t from;
  char32_t to;
};

// Old and variant forms found in names and old records, sorted. Not a list of all kyujitai: those
// that a person would type in the common form when looking for somebody or something.
// clang-format off
constexpr Variant kVariants[] = {
    {U'亙', U'亘'}, {U'冨', U'富'}, {U'國', U'国'}, {U'圓', U'円'}, {U'增', U'増'}, {U'壽', U'寿'},
    {U'學', U'学'}, {U'實', U'実'}, {U'寫', U'写'}, {U'寬', U'寛'}, {U'將', U'将'}, {U'尙', U'尚'},
    {U'峯', U'峰'}, {U'嵜', U'崎'}, {U'嶋', U'島'}, {U'嶌', U'島'}, {U'嶽', U'岳'}, {U'廣', U'広'},
    {U'彌', U'弥'}, {U'彥', U'彦'}, {U'德', U'徳'}, {U'惠', U'恵'}, {U'應', U'応'}, {U'戶', U'戸'},
    {U'數', U'数'}, {U'斉', U'斎'}, {U'晚', U'晩'}, {U'曾', U'曽'}, {U'會', U'会'}, {U'栁', U'柳'},
    {U'桒', U'桑'}, {U'條', U'条'}, {U'榮', U'栄'}, {U'槇', U'槙'}, {U'槗', U'橋'}, {U'橫', U'横'},
    {U'檜', U'桧'}, {U'櫻', U'桜'}, {U'步', U'歩'}, {U'每', U'毎'}, {U'淵', U'渕'}, {U'淸', U'清'},
    {U'渊', U'渕'}, {U'澁', U'渋'}, {U'澤', U'沢'}, {U'濟', U'済'}, {U'濤', U'涛'}, {U'濱', U'浜'},
    {U'濵', U'浜'}, {U'瀧', U'滝'}, {U'瀨', U'瀬'}, {U'燈', U'灯'}, {U'爲', U'為'}, {U'狹', U'狭'},
    {U'獨', U'独'}, {U'當', U'当'}, {U'疊', U'畳'}, {U'發', U'発'}, {U'眞', U'真'}, {U'碕', U'崎'},
    {U'祿', U'禄'}, {U'禮', U'礼'}, {U'秊', U'年'}, {U'稻', U'稲'}, {U'穗', U'穂'}, {U'緖', U'緒'},
    {U'縣', U'県'}, {U'總', U'総'}, {U'羣', U'群'}, {U'聰', U'聡'}, {U'聲', U'声'}, {U'膽', U'胆'},
    {U'與', U'与'}, {U'舊', U'旧'}, {U'舘', U'館'}, {U'舩', U'船'}, {U'莊', U'荘'}, {U'萬', U'万'},
    {U'薰', U'薫'}, {U'藏', U'蔵'}, {U'藥', U'薬'}, {U'豐', U'豊'}, {U'遙', U'遥'}, {U'邉', U'辺'},
    {U'邊', U'辺'}, {U'郞', U'郎'}, {U'醫', U'医'}, {U'錄', U'録'}, {U'鍊', U'錬'}, {U'鐵', U'鉄'},
    {U'閒', U'間'}, {U'隨', U'随'}, {U'雜', U'雑'}, {U'靑', U'青'}, {U'靜', U'静'}, {U'顏', U'顔'},
    {U'體', U'体'}, {U'髙', U'高'}, {U'鷗', U'鴎'}, {U'鹽', U'塩'}, {U'麥', U'麦'}, {U'黑', U'黒'},
    {U'點', U'点'}, {U'齊', U'斎'}, {U'齋', U'斎'}, {U'齒', U'歯'}, {U'龍', U'竜'}, {U'龜', U'亀'},
    {U'﨑', U'崎'}, {U'𠮷', U'吉'},
};
// clang-format on
static_assert(std::is_sorted(std::begin(kVariants), std::end(kVariants),
                             [](Variant a, Variant b) { return a.from < b.from; }));

char32_t CommonForm(char32_t c) {
  const auto* at = std::lower_bound(std::begin(kVariants), std::end(kVariants), c,
                                    [](Variant v, char32_t key) { return v.from < key; });
  return at != std::end(kVariants) && at->from == c ? at->to : c;
}

bool IsKatakana(char32_t c) {
  return c >= kKatakanaFirst && c <= kKatakanaLast;
}

bool IsDigit(char32_t c) {
  return c >= U'0' && c <= U'9';
}

// Hiragana and its iteration marks lie 0x60 below katakana.
char32_t ToKatakana(char32_t c) {
  const bool hiragana = (c >= 0x3041 && c <= 0x3096) || c == 0x309D || c == 0x309E;
  return hiragana ? c + 0x60 : c;
}

// Katakana after ToKatakana: small to large, and the sounds that are written in two ways.
char32_t PlainKana(char32_t c) {
  static constexpr std::u32string_view kFrom = U"ァィゥェォッャュョヮヵヶヰヱヲヂヅヷヸヹヺ";
  static constexpr std::u32string_view kTo = U"アイウエオツヤユヨワカケイエオジズワイエオ";
  static_assert(kFrom.size() == kTo.size());
  const std::size_t at = kFrom.find(c);
  return at == std::u32string_view::npos ? c : kTo[at];
}

// ヴァ is バ; ヴ before anything else is ブ. 0: `small` makes no such pair.
char32_t VaRow(char32_t small) {
  switch (small) {
    case U'ァ':
      return U'バ';
    case U'ィ':
      return U'ビ';
    case U'ェ':
      return U'ベ';
    case U'ォ':
      return U'ボ';
    default:
      return 0;
  }
}

// The voiced sound of a plain kana, or the kana itself: what ヾ repeats.
char32_t Voiced(char32_t c) {
  static constexpr std::u32string_view kPlain = U"カキクケコサシスセソタチツテトハヒフヘホ";
  static constexpr std::u32string_view kVoiced = U"ガギグゲゴザジズゼゾダジズデドバビブベボ";
  const std::size_t at = kPlain.find(c);
  return at == std::u32string_view::npos ? c : kVoiced[at];
}

// What is typed between kana for a long vowel mark, or to part a foreign word, and means nothing.
bool IsKanaFiller(char32_t c) {
  return c == U'-' || (c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0x301C || c == U'~' ||
         c == U'・';
}

bool JoinsDigits(char32_t c) {
  return c == U'.' || c == U',' || c == U'/' || c == U':' || c == U'-';
}

bool IsVoicingMark(char32_t c) {
  return c == 0x3099 || c == 0x309A;
}

// Letters, digits, marks, and symbols that carry meaning (%, °, +, ○); not space, punctuation,
// controls, table lines.
bool IsWordLetter(char32_t c) {
  static constexpr std::u32string_view kParting = U"`^|~=\uFFFD";
  if (c == U'%' || c == U'‰') {
    return true;
  }
  if (kParting.find(c) != std::u32string_view::npos || (c >= 0x2500 && c <= 0x257F)) {
    return false;
  }
  constexpr std::uint32_t kPartingTypes =
      U_GC_P_MASK | U_GC_Z_MASK | U_GC_CC_MASK | U_GC_CF_MASK | U_GC_CS_MASK;
  return (U_GET_GC_MASK(static_cast<UChar32>(c)) & kPartingTypes) == 0;
}

// One pass over normalised text; words come out by Take().
class Folder {
 public:
  explicit Folder(const std::u32string& text) : text_(text) {}

  std::vector<std::u32string> Take() {
    for (at_ = 0; at_ < text_.size(); ++at_) {
      Step(ToKatakana(text_[at_]));
    }
    EndWord();
    return std::move(words_);
  }

 private:
  void Step(char32_t c) {
    if (c == kLongVowel || IsVoicingMark(c)) {
      return;
    }
    if (c == kRepeatKanji || c == kRepeatKana || c == kRepeatVoiced) {
      Repeat(c);
      return;
    }
    if (IsKanaFiller(c) && AfterKana() && IsKatakana(Next())) {
      return;
    }
    if (IsWordLetter(c)) {
      Letter(c);
    } else if (JoinsDigits(c) && !word_.empty() && IsDigit(word_.back()) && IsDigit(Next())) {
      word_.push_back(c);
    } else {
      EndWord();
    }
  }

  void Letter(char32_t c) {
    if (c == U'ヴ') {
      const char32_t pair = VaRow(Next());
      word_.push_back(pair != 0 ? pair : U'ブ');
      at_ += pair != 0 ? 1 : 0;
      return;
    }
    word_.push_back(IsKatakana(c) ? PlainKana(c) : CommonForm(c));
  }

  // 々々 after AB means AB again; a mark with nothing to repeat stands for itself.
  void Repeat(char32_t mark) {
    std::size_t run = 1;
    while (mark == kRepeatKanji && at_ + 1 < text_.size() && text_[at_ + 1] == mark) {
      ++run;
      ++at_;
    }
    const bool possible = word_.size() >= run && (mark == kRepeatKanji || AfterKana());
    if (!possible) {
      word_.append(run, mark);
      return;
    }
    const std::u32string again = word_.substr(word_.size() - run);
    word_ += mark == kRepeatVoiced ? std::u32string(1, Voiced(again.front())) : again;
  }

  bool AfterKana() const { return !word_.empty() && IsKatakana(word_.back()); }
  char32_t Next() const { return at_ + 1 < text_.size() ? ToKatakana(text_[at_ + 1]) : 0; }

  void EndWord() {
    if (!word_.empty()) {
      words_.push_back(std::move(word_));
      word_.clear();
    }
  }

  const std::u32string& text_;
  std::size_t at_ = 0;
  std::u32string word_;
  std::vector<std::u32string> words_;
};

icu::UnicodeString FromUtf8(std::string_view text) {
  return icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
}

// Running out of memory shows as a bogus string.
Result<std::u32string> ToLetters(const icu::UnicodeString& text) {
  UErrorCode code = U_ZERO_ERROR;
  std::u32string out(static_cast<std::size_t>(text.countChar32()), U'\0');
  const std::int32_t written = text.toUTF32(reinterpret_cast<UChar32*>(out.data()),
                                            static_cast<std::int32_t>(out.size()), code);
  if (U_FAILURE(code) || text.isBogus() || static_cast<std::size_t>(written) != out.size()) {
    return Error(Code::kUnavailable, "text: out of memory");
  }
  return out;
}

Result<std::u32string> Normalize(std::string_view text) {
  UErrorCode code = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = icu::Normalizer2::getNFKCCasefoldInstance(code);
  if (U_FAILURE(code)) {
    return Error(Code::kInternal, "text: the Unicode tables of ICU are missing");
  }
  const icu::UnicodeString folded = normalizer->normalize(FromUtf8(text), code);
  if (U_FAILURE(code)) {
    return Error(Code::kUnavailable, "text: out of memory");
  }
  return ToLetters(folded);
}

void AppendUtf8(std::string& out, char32_t c) {
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
    return;
  }
  if (c < 0x800) {
    out.push_back(static_cast<char>(0xC0U | (c >> 6U)));
  } else {
    if (c < 0x10000) {
      out.push_back(static_cast<char>(0xE0U | (c >> 12U)));
    } else {
      out.push_back(static_cast<char>(0xF0U | (c >> 18U)));
      out.push_back(static_cast<char>(0x80U | ((c >> 12U) & 0x3FU)));
    }
    out.push_back(static_cast<char>(0x80U | ((c >> 6U) & 0x3FU)));
  }
  out.push_back(static_cast<char>(0x80U | (c & 0x3FU)));
}

// 21 bits a letter; no letter is 0, so letters, pairs and triples never meet.
Gram MakeGram(std::u32string_view letters) {
  Gram gram = 0;
  for (const char32_t letter : letters) {
    gram = (gram << 21U) | letter;
  }
  return gram;
}

bool IsOfSmallAlphabet(char32_t c) {
  return c < 0x2E80 || IsKatakana(c);
}

// The triple at `at`, or 0 where none is indexed.
Gram TripleAt(const std::u32string& word, std::size_t at) {
  const std::u32string_view letters = std::u32string_view(word).substr(at, 3);
  const bool indexed =
      letters.size() == 3 && std::all_of(letters.begin(), letters.end(), IsOfSmallAlphabet);
  return indexed ? MakeGram(letters) : 0;
}

void SortUnique(std::vector<Gram>& grams) {
  std::sort(grams.begin(), grams.end());
  grams.erase(std::unique(grams.begin(), grams.end()), grams.end());
}

}  // namespace

Result<std::vector<std::u32string>> FoldWords(std::string_view text) {
  if (text.size() > kMaxFoldedTextBytes) {
    return Error(Code::kTooLarge, "text: too long for the index");
  }
  RENKEI_ASSIGN(const std::u32string normal, Normalize(text));
  return Folder(normal).Take();
}

Result<std::vector<std::u32string>> FoldQuery(std::string_view query) {
  if (query.size() > kMaxQueryBytes) {
    return Error(Code::kTooLarge, "search: the query is too long");
  }
  RENKEI_ASSIGN(auto words, FoldWords(query));
  std::vector<std::u32string> unique;
  for (auto& word : words) {
    if (std::find(unique.begin(), unique.end(), word) == unique.end()) {
      unique.push_back(std::move(word));
    }
  }
  if (unique.size() > kMaxQueryWords) {
    return Error(Code::kTooLarge, "search: too many words");
  }
  return unique;
}

std::vector<Gram> IndexGrams(const std::vector<std::u32string>& words) {
  std::vector<Gram> grams;
  for (const std::u32string& word : words) {
    for (std::size_t i = 0; i < word.size(); ++i) {
      grams.push_back(MakeGram(std::u32string_view(word).substr(i, 1)));
      if (i + 1 < word.size()) {
        grams.push_back(MakeGram(std::u32string_view(word).substr(i, 2)));
      }
      if (const Gram triple = TripleAt(word, i); triple != 0) {
        grams.push_back(triple);
      }
    }
  }
  SortUnique(grams);
  return grams;
}

std::vector<Gram> QueryGrams(const std::vector<std::u32string>& words) {
  std::vector<Gram> grams;
  for (const std::u32string& word : words) {
    if (word.size() == 1) {
      grams.push_back(MakeGram(word));
    }
    Gram before = 0;  // the triple that covers the first two of the letters at i - 1
    for (std::size_t i = 0; i + 1 < word.size(); ++i) {
      const Gram triple = TripleAt(word, i);
      if (triple != 0) {
        grams.push_back(triple);
      } else if (before == 0) {
        grams.push_back(MakeGram(std::u32string_view(word).substr(i, 2)));
      }
      before = triple;
    }
  }
  SortUnique(grams);
  return grams;
}

bool GramIsWord(const std::u32string& word) {
  return word.size() <= 2 || (word.size() == 3 && TripleAt(word, 0) != 0);
}

std::string JoinWords(const std::vector<std::u32string>& words) {
  std::string out;
  for (const std::u32string& word : words) {
    if (!out.empty()) {
      out.push_back('\n');
    }
    for (const char32_t letter : word) {
      AppendUtf8(out, letter);
    }
  }
  return out;
}

Result<std::vector<std::u32string>> SplitWords(std::string_view joined) {
  RENKEI_ASSIGN(const std::u32string letters, ToLetters(FromUtf8(joined)));
  std::vector<std::u32string> words;
  for (std::size_t start = 0; start < letters.size();) {
    const std::size_t end = std::min(letters.find(U'\n', start), letters.size());
    words.push_back(letters.substr(start, end - start));
    start = end + 1;
  }
  return words;
}

Result<SecretBytes> NormalizePassphrase(ByteView passphrase) {
  constexpr Error kBad(Code::kMalformed, "passphrase: empty, too long, or not UTF-8");
  if (passphrase.empty() || passphrase.size() > kMaxPassphraseBytes) {
    return kBad;
  }
  // ICU's C functions write into our own wiped memory. NFKC makes a UTF-16 unit at most 18.
  constexpr std::size_t kUnits = kMaxPassphraseBytes * 18;
  SecretBytes wide(kMaxPassphraseBytes * sizeof(UChar));
  SecretBytes normal(kUnits * sizeof(UChar));
  SecretBytes narrow(kUnits * 3);
  auto* wide_at = reinterpret_cast<UChar*>(wide.ExposeMutable().data());
  auto* normal_at = reinterpret_cast<UChar*>(normal.ExposeMutable().data());
  auto* narrow_at = reinterpret_cast<char*>(narrow.ExposeMutable().data());
  std::int32_t size = 0;
  UErrorCode code = U_ZERO_ERROR;
  u_strFromUTF8(wide_at, kMaxPassphraseBytes, &size,
                reinterpret_cast<const char*>(passphrase.data()),
                static_cast<std::int32_t>(passphrase.size()), &code);
  const UNormalizer2* nfkc = unorm2_getNFKCInstance(&code);
  size = unorm2_normalize(nfkc, wide_at, size, normal_at, kUnits, &code);
  u_strToUTF8(narrow_at, kUnits * 3, &size, normal_at, size, &code);
  if (U_FAILURE(code)) {
    return kBad;
  }
  return SecretBytes::CopyOf(narrow.Expose().first(static_cast<std::size_t>(size)));
}

}  // namespace renkei::client
