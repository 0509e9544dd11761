// A message as it lies in the store, with what claims have done to it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/embedded/block_index.h"
#include "storage/embedded/records.h"

namespace marconi::storage::embedded {

struct StoredMessage {
  MarkerNumber marker = 0;
  std::string bytes;  ///< what `record` points into; long enough never to be stored inline
  MessageRecord record;
  std::optional<MarkRecord> mark;

  /// Copies the encoded record, which `record` points into from then on.
  void keep(std::string_view encoded) {
    bytes = encoded;
    record = *MessageRecord::decode(bytes);
  }

  [[nodiscard]] std::int64_t ttl() const { return extended() ? mark->ttl : record.ttl; }
  [[nodiscard]] UtcSeconds expiry() const { return extended() ? mark->expiry : record.expiry; }
  [[nodiscard]] std::int64_t claim_count() const {
    return mark ? mark->claim_count : record.claim_count;
  }
  [[nodiscard]] bool is_alive(UtcSeconds now) const { return now < expiry(); }
  [[nodiscard]] bool is_claimed(UtcSeconds now) const { return now < held_until(); }
  [[nodiscard]] bool is_delayed(UtcSeconds now) const { return now < record.delayed_until; }

  /// When it stops counting as claimed: its claim ends, or it expires. 0 if no claim has it.
  [[nodiscard]] UtcSeconds held_until() const {
    return mark && mark->claim != 0 ? std::min(mark->claim_end, expiry()) : 0;
  }

 private:
  [[nodiscard]] bool extended() const { return mark && mark->extended; }
};

/// How much of a message is needed.
enum class Part {
  numbers,  ///< all but the texts: client, checksum and body may be missing
  whole,
};

}  // namespace marconi::storage::embedded
