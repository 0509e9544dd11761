#include "config/text.h"

#include <algorithm>

namespace marconi::config {
namespace {

constexpr std::string_view kWhiteSpace = " \t\r\n\f\v";

bool is_quote(char c) { return c == '"' || c == '\''; }

std::string map_ascii(std::string_view text, char first, char last, int shift) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [=](char c) {
    return c >= first && c <= last ? static_cast<char>(c + shift) : c;
  });
  return out;
}

/// The end of the item that starts at `start`: the next comma outside quotes.
std::size_t item_end(std::string_view text, std::size_t start, bool pairs) {
  bool may_open = true;
  bool colon_seen = false;
  for (auto i = start; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ',') return i;
    if (may_open && is_quote(c)) {
      const auto close = text.find(c, i + 1);
      if (close == text.npos) return std::min(text.find(',', i), text.size());
      i = close;
      may_open = false;
    } else if (pairs && c == ':' && !colon_seen) {
      colon_seen = may_open = true;
    } else if (kWhiteSpace.find(c) == kWhiteSpace.npos) {
      may_open = false;
    }
  }
  return text.size();
}

}  // namespace

std::string_view trim_right(std::string_view text) {
  return text.substr(0, text.find_last_not_of(kWhiteSpace) + 1);
}

std::string_view trim(std::string_view text) {
  const auto start = text.find_first_not_of(kWhiteSpace);
  return start == text.npos ? std::string_view{} : trim_right(text.substr(start));
}

std::string_view unquote(std::string_view text) {
  const bool quoted = text.size() >= 2 && is_quote(text.front()) && text.front() == text.back();
  return quoted ? text.substr(1, text.size() - 2) : text;
}

std::string to_lower(std::string_view text) { return map_ascii(text, 'A', 'Z', 'a' - 'A'); }

std::string to_upper(std::string_view text) { return map_ascii(text, 'a', 'z', 'A' - 'a'); }

std::vector<std::string_view> split_items(std::string_view text, bool pairs) {
  std::vector<std::string_view> items;
  for (std::size_t start = 0; start < text.size();) {
    const auto end = item_end(text, start, pairs);
    if (const auto item = trim(text.substr(start, end - start)); !item.empty()) {
      items.push_back(item);
    }
    start = end + 1;
  }
  return items;
}

std::string join(const std::vector<std::string>& items, std::string_view between) {
  std::string out;
  for (const auto& item : items) {
    if (!out.empty()) out += between;
    out += item;
  }
  return out;
}

}  // namespace marconi::config
