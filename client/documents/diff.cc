// What a correction changed, field by field.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>

#include "client/documents/content.h"
#include "client/documents/form.h"
#include "client/documents/render.h"
#include "client/documents/text.h"
#include "renkei/care/v1/content.pb.h"
#include "renkei/care/v1/options.pb.h"

namespace renkei::documents {
namespace {

constexpr int kMaxAligned = 200;  // elements of a list that are matched; more go by position

struct Where {
  std::string path;
  std::string label;
};

Where Below(const Where& where, const Field& field, int index) {
  Where below{JoinPath(where.path, field, index),
              where.label + (where.label.empty() ? "" : " > ") + RuleOf(field).label()};
  below.label += index < 0 ? "" : " " + std::to_string(index + 1);
  return below;
}

class Differ {
 public:
  void Messages(const Message& from, const Message& to, const Where& where) {
    for (const Field* field : FieldsOf(*from.GetDescriptor())) {
      if (field->is_repeated()) {
        Lists(from, to, *field, where);
      } else if (field->message_type() != nullptr && IsPresent(from, *field) &&
                 IsPresent(to, *field)) {
        Messages(from.GetReflection()->GetMessage(from, field),
                 to.GetReflection()->GetMessage(to, field), Below(where, *field, -1));
      } else {
        Add(Below(where, *field, -1), Shown(from, *field, -1), Shown(to, *field, -1));
      }
    }
  }
  std::vector<FieldChange> Take() { return std::move(changes_); }

 private:
  static std::string Shown(const Message& message, const Field& field, int index) {
    const bool there =
        field.is_repeated()
            ? index >= 0 && index < message.GetReflection()->FieldSize(message, &field)
            : IsPresent(message, field);
    return there ? ValueForEyes(message, field, index) : "";
  }
  void Add(const Where& where, std::string from, std::string to) {
    if (from != to) {
      changes_.push_back({where.path, where.label, std::move(from), std::move(to)});
    }
  }

  // Elements that are the same on both sides are matched first (longest common subsequence), so
  // that one drug taken out does not show every later one as changed.
  void Lists(const Message& from, const Message& to, const Field& field, const Where& where) {
    const int n = from.GetReflection()->FieldSize(from, &field);
    const int m = to.GetReflection()->FieldSize(to, &field);
    const auto same = [&](int i, int j) { return Shown(from, field, i) == Shown(to, field, j); };
    if (n > kMaxAligned || m > kMaxAligned) {
      return Gap(from, to, field, where, {0, n, 0, m});
    }
    std::vector<std::vector<int>> length(static_cast<std::size_t>(n) + 1,
                                         std::vector<int>(static_cast<std::size_t>(m) + 1, 0));
    const auto at = [&](int i, int j) -> int& {
      return length[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
    };
    for (int i = n - 1; i >= 0; --i) {
      for (int j = m - 1; j >= 0; --j) {
        at(i, j) = same(i, j) ? at(i + 1, j + 1) + 1 : std::max(at(i + 1, j), at(i, j + 1));
      }
    }
    Range gap;
    for (int i = 0, j = 0; i < n || j < m;) {
      if (i < n && j < m && same(i, j)) {
        Gap(from, to, field, where, {gap.from_begin, i, gap.to_begin, j});
        gap = {++i, 0, ++j, 0};
      } else if (j >= m || (i < n && at(i + 1, j) >= at(i, j + 1))) {
        ++i;
      } else {
        ++j;
      }
    }
    Gap(from, to, field, where, {gap.from_begin, n, gap.to_begin, m});
  }

  struct Range {
    int from_begin = 0;
    int from_end = 0;
    int to_begin = 0;
    int to_end = 0;
  };
  // Between two matches: pairs by position, then what is left on one side only.
  void Gap(const Message& from, const Message& to, const Field& field, const Where& where,
           const Range& range) {
    const int pairs = std::min(range.from_end - range.from_begin, range.to_end - range.to_begin);
    for (int k = 0; k < pairs; ++k) {
      const int i = range.from_begin + k;
      const int j = range.to_begin + k;
      if (field.message_type() != nullptr) {
        Messages(from.GetReflection()->GetRepeatedMessage(from, &field, i),
                 to.GetReflection()->GetRepeatedMessage(to, &field, j), Below(where, field, j));
      } else {
        Add(Below(where, field, j), Shown(from, field, i), Shown(to, field, j));
      }
    }
    for (int i = range.from_begin + pairs; i < range.from_end; ++i) {
      Add(Below(where, field, i), Shown(from, field, i), "");
    }
    for (int j = range.to_begin + pairs; j < range.to_end; ++j) {
      Add(Below(where, field, j), "", Shown(to, field, j));
    }
  }

  std::vector<FieldChange> changes_;
};

std::string Quoted(std::string_view text) {
  return text.empty() ? "（なし）" : "「" + std::string(text) + "」";
}

// Takes whole lines off both fronts as long as they are the same.
void DropCommonLines(std::string_view& a, std::string_view& b) {
  while (true) {
    const std::size_t end_a = a.find('\n');
    const std::size_t end_b = b.find('\n');
    if (end_a == std::string_view::npos || end_a != end_b ||
        a.substr(0, end_a) != b.substr(0, end_b)) {
      return;
    }
    a.remove_prefix(end_a + 1);
    b.remove_prefix(end_b + 1);
  }
}

// The same at both ends.
void DropCommonLinesBehind(std::string_view& a, std::string_view& b) {
  while (true) {
    const std::size_t begin_a = a.rfind('\n');
    const std::size_t begin_b = b.rfind('\n');
    if (begin_a == std::string_view::npos || begin_b == std::string_view::npos ||
        a.substr(begin_a) != b.substr(begin_b)) {
      return;
    }
    a = a.substr(0, begin_a);
    b = b.substr(0, begin_b);
  }
}

}  // namespace

Result<std::vector<FieldChange>> Diff(ByteView original, ByteView corrected) {
  RENKEI_ASSIGN(const auto from, OpenContent(original));
  RENKEI_ASSIGN(const auto to, OpenContent(corrected));
  if (from.kind != to.kind) {
    return Error(Code::kConflict, "documents: two kinds");
  }
  Differ differ;
  differ.Messages(from.content->header(), to.content->header(), {});
  differ.Messages(*from.body, *to.body, {});
  return differ.Take();
}

Result<std::string> DiffText(ByteView original, ByteView corrected) {
  RENKEI_ASSIGN(const auto changes, Diff(original, corrected));
  std::string text;
  for (const FieldChange& change : changes) {
    std::string_view before = change.from;
    std::string_view after = change.to;
    DropCommonLines(before, after);
    DropCommonLinesBehind(before, after);
    text += change.label + ": " + Quoted(before) + "→" + Quoted(after) + "\n";
  }
  return text;
}

}  // namespace renkei::documents
