#include "base/uuid.h"

#include <algorithm>
#include <cstdint>

namespace marconi::base {

namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

/// What each character stands for as a hex digit of either case; kNoDigit if it is none.
constexpr std::uint8_t kNoDigit = 0xff;

consteval std::array<std::uint8_t, 256> hex_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::uint8_t value = 0; value < 16; ++value) {
    const char digit = kDigits[value];
    values[static_cast<unsigned char>(digit)] = value;
    if (digit >= 'a') values[static_cast<unsigned char>(digit - 'a' + 'A')] = value;
  }
  return values;
}

constexpr std::array<std::uint8_t, 256> kHexValues = hex_values();

std::uint8_t hex_value(char c) { return kHexValues[static_cast<unsigned char>(c)]; }

/// Whether the canonical form has a hyphen before the byte with this index.
bool hyphen_before(std::size_t index) {
  return index == 4 || index == 6 || index == 8 || index == 10;
}

}  // namespace

std::optional<Uuid> Uuid::from_canonical(std::string_view text) {
  if (text.size() != kTextLength) return std::nullopt;
  Uuid uuid;
  std::size_t at = 0;
  for (std::size_t i = 0; i < uuid.bytes.size(); ++i) {
    if (hyphen_before(i) && text[at++] != '-') return std::nullopt;
    const std::uint8_t high = hex_value(text[at++]);
    const std::uint8_t low = hex_value(text[at++]);
    if (high == kNoDigit || low == kNoDigit) return std::nullopt;
    uuid.bytes[i] = static_cast<std::byte>(high * 16 + low);
  }
  return uuid;
}

std::optional<Uuid> Uuid::from_string(std::string_view text) {
  const auto is_capital = [](char c) { return c >= 'A' && c <= 'F'; };
  if (std::ranges::any_of(text, is_capital)) return std::nullopt;
  return from_canonical(text);
}

void Uuid::write_to(char* out) const {
  const std::byte* next = bytes.data();
  for (const int group_size : {4, 2, 2, 2, 6}) {
    if (next != bytes.data()) *out++ = '-';
    for (int i = 0; i < group_size; ++i) {
      const auto value = std::to_integer<unsigned>(*next++);
      *out++ = kDigits[value >> 4];
      *out++ = kDigits[value & 15];
    }
  }
}

std::string Uuid::to_string() const {
  std::string text(kTextLength, '\0');
  write_to(text.data());
  return text;
}

}  // namespace marconi::base
