// Message and claim ids: a queue number and a number in the queue, under a keyed permutation, in
// the form of a UUID. So an id is found without an index, fits no other queue, and cannot be
// guessed from another one.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/uuid.h"
#include "storage/embedded/keys.h"

namespace marconi::storage::embedded {

enum class IdKind : std::uint8_t { message = 1, claim = 2 };

/// The permutation is AES-128 of one block under the store's own key. Thread-safe.
class IdCodec {
 public:
  using Key = std::array<std::byte, 16>;

  explicit IdCodec(const Key& key);
  ~IdCodec();

  [[nodiscard]] base::Uuid encode(IdKind kind, QueueNumber queue, std::uint64_t number) const;

  /// Many at once; one id of a page costs a fraction of a single one.
  [[nodiscard]] std::vector<base::Uuid> encode(IdKind kind, QueueNumber queue,
                                               std::span<const std::uint64_t> numbers) const;

  /// The number in the queue; nothing if the text is no id of this kind from this queue.
  [[nodiscard]] std::optional<std::uint64_t> decode(IdKind kind, QueueNumber queue,
                                                    std::string_view text) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace marconi::storage::embedded
