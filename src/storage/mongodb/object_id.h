// Ids as the database makes them: twelve octets that begin with the second of their making.
#pragma once

#include <array>
#include <atomic>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"

namespace marconi::storage::mongodb {

struct ObjectId {
  std::array<std::uint8_t, 12> octets{};

  /// Reads the 24 lower-case hex digits of `to_string`; nothing for any other text.
  [[nodiscard]] static std::optional<ObjectId> from(std::string_view text);
  [[nodiscard]] std::string to_string() const;

  /// Before all ids made at this second or later, after all others.
  [[nodiscard]] static ObjectId first_of(base::UtcSeconds second);

  /// The second of its making.
  [[nodiscard]] base::UtcSeconds second() const;

  friend auto operator<=>(const ObjectId&, const ObjectId&) = default;
};

/// Makes ids that no other process makes. Thread-safe.
class ObjectIds {
 public:
  explicit ObjectIds(base::Random& random);

  [[nodiscard]] ObjectId make(base::UtcSeconds second);

 private:
  std::array<std::uint8_t, 5> process_;
  std::atomic<std::uint32_t> counter_;
};

}  // namespace marconi::storage::mongodb
