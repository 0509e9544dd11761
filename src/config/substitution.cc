#include "config/substitution.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace marconi::config {
namespace {

/// A chain of doublings would otherwise fill the memory, or, of empty texts, never end.
constexpr std::size_t kMaxTextBytes = 1 << 20;
constexpr std::size_t kMaxReferences = 10'000;

bool starts_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

bool continues_name(char c) { return starts_name(c) || (c >= '0' && c <= '9'); }

class Substitution {
 public:
  Substitution(const std::function<RawText(const Option&)>& raw_text, const OptionTable& table)
      : raw_text_(raw_text), table_(table) {}

  /// Appends the text of `option`; false if it failed.
  bool append(const Option& option) {
    if (std::ranges::find(chain_, &option) != chain_.end()) {
      return fail(fmt::format("refers to itself through [{}] {}", option.group, option.name));
    }
    secret_ |= option.secret;
    const auto raw = raw_text_(option);
    chain_.push_back(&option);
    const bool fine = raw.literal ? put(raw.text) : expand(option, raw.text);
    chain_.pop_back();
    return fine;
  }

  std::expected<SubstitutedText, std::string> result(bool fine) && {
    if (!fine) return std::unexpected(std::move(error_));
    return SubstitutedText{std::move(text_), secret_};
  }

 private:
  bool expand(const Option& option, std::string_view raw) {
    while (!raw.empty()) {
      const auto dollar = raw.find('$');
      if (dollar == raw.npos) return put(raw);
      const bool escaped = dollar > 0 && raw[dollar - 1] == '\\';
      if (!put(raw.substr(0, escaped ? dollar - 1 : dollar))) return false;
      raw.remove_prefix(dollar + 1);
      if (escaped) {
        if (!put("$")) return false;
      } else if (!expand_reference(option, raw)) {
        return false;
      }
    }
    return true;
  }

  /// `rest` begins behind the dollar; what belongs to the reference is taken off it.
  bool expand_reference(const Option& option, std::string_view& rest) {
    if (rest.starts_with('$')) {
      rest.remove_prefix(1);
      return put("$");
    }
    const auto close = rest.starts_with('{') ? rest.find('}') : rest.npos;
    if (close != rest.npos) {
      const auto name = rest.substr(1, close - 1);
      rest.remove_prefix(close + 1);
      return append_named(option, name);
    }
    if (rest.empty() || !starts_name(rest.front())) return put("$");
    const auto end = std::ranges::find_if_not(rest, continues_name) - rest.begin();
    const auto name = rest.substr(0, static_cast<std::size_t>(end));
    rest.remove_prefix(name.size());
    return append_named(option, name);
  }

  bool append_named(const Option& option, std::string_view name) {
    if (++references_ > kMaxReferences) return fail("too many references");
    const auto dot = name.rfind('.');
    auto match = dot == name.npos ? table_.find(option.group, name)
                                  : table_.find(name.substr(0, dot), name.substr(dot + 1));
    if (!match && dot == name.npos) match = table_.find("DEFAULT", name);
    // The name is not repeated: what looks like one may be a piece of a password.
    if (!match) return fail("a '$' before what is not an option; a plain dollar is written $$");
    return append(*match->option);
  }

  bool put(std::string_view text) {
    if (text_.size() + text.size() > kMaxTextBytes) return fail("too long once substituted");
    text_ += text;
    return true;
  }

  bool fail(std::string why) {
    error_ = std::move(why);
    return false;
  }

  const std::function<RawText(const Option&)>& raw_text_;
  const OptionTable& table_;
  std::vector<const Option*> chain_;  // options being expanded, outermost first
  std::string text_;
  std::string error_;
  std::size_t references_ = 0;
  bool secret_ = false;
};

}  // namespace

std::expected<SubstitutedText, std::string> substitute(
    const Option& option, const std::function<RawText(const Option&)>& raw_text,
    const OptionTable& table) {
  Substitution substitution(raw_text, table);
  const bool fine = substitution.append(option);
  return std::move(substitution).result(fine);
}

}  // namespace marconi::config
