// A 128-bit value in the text form of a UUID (RFC 9562, section 4).
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace marconi::base {

struct Uuid {
  static constexpr std::size_t kTextLength = 36;

  std::array<std::byte, 16> bytes{};

  /// Reads the canonical form only: 36 characters, hyphens in place, hex digits of either case.
  [[nodiscard]] static std::optional<Uuid> from_canonical(std::string_view text);

  /// Reads what to_string writes, and no other spelling.
  [[nodiscard]] static std::optional<Uuid> from_string(std::string_view text);

  /// Writes the canonical lower-case form.
  [[nodiscard]] std::string to_string() const;
  void write_to(char* out) const;  ///< exactly kTextLength characters, no terminator

  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

}  // namespace marconi::base
