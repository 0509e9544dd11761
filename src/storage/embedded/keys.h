// Keys of the tables. Numbers are big-endian, so that the order of keys is the order of delivery.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/uuid.h"
#include "domain/names.h"

namespace marconi::storage::embedded {

using QueueNumber = std::uint64_t;

/// A key of `Words` big-endian 64-bit numbers, without allocation.
template <std::size_t Words>
class NumberKey {
 public:
  template <class... Numbers>
    requires(sizeof...(Numbers) == Words)
  explicit NumberKey(Numbers... numbers) {
    std::size_t at = 0;
    (append(static_cast<std::uint64_t>(numbers), at), ...);
  }

  operator std::string_view() const { return {bytes_.data(), bytes_.size()}; }  // NOLINT

 private:
  void append(std::uint64_t number, std::size_t& at) {
    for (int shift = 56; shift >= 0; shift -= 8) bytes_[at++] = static_cast<char>(number >> shift);
  }

  std::array<char, Words * 8> bytes_;
};

using QueueKey = NumberKey<1>;   ///< states; also the prefix of everything a queue owns
using MarkerKey = NumberKey<2>;  ///< messages, marks, claims, blocks: queue and a number in it
using CountKey = NumberKey<3>;   ///< counts: queue, kind, second

/// The big-endian number that starts at byte `at` of a key; 0 if the key is too short.
[[nodiscard]] std::uint64_t number_in(std::string_view key, std::size_t at);

/// Key of a queue in the table `queues`: the project's prefix, then the name.
[[nodiscard]] std::string directory_key(const domain::QueueAddress& queue);

/// The prefix of all queues of a project. No project's prefix begins another's.
[[nodiscard]] std::string project_prefix(const domain::ProjectId& project);

/// What the keys of parts of names begin with, in the same table. It is no project's prefix.
[[nodiscard]] std::string name_parts_prefix(const domain::ProjectId& project);

/// The first key after all keys that begin with `prefix`.
[[nodiscard]] std::string after_prefix(std::string prefix);

/// Key in the table `aliases`.
[[nodiscard]] std::string alias_key(QueueNumber queue, const base::Uuid& id);

// Keys in the table `meta`.
inline constexpr std::string_view kFormatKey = "format";
inline constexpr std::string_view kIdKeyKey = "id-key";
inline constexpr std::string_view kMarkerFloorKey = "marker-floor";
inline constexpr std::string_view kQueueNumberKey = "queue-number-ceiling";
inline constexpr std::string_view kClockKey = "clock";
inline constexpr std::string_view kNamesIndexedKey = "names-indexed";
/// Counter of a project's queues.
[[nodiscard]] std::string project_count_key(const domain::ProjectId& project);

}  // namespace marconi::storage::embedded
