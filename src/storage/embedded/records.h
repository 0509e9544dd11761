// Records of the tables, as values. The bytes are described in docs/internals/embedded-format.md;
// the recipe for changing them stands there too.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/uuid.h"
#include "domain/names.h"

namespace marconi::storage::embedded {

using base::UtcMillis;
using base::UtcSeconds;

/// The present format. A store with a higher number was written by a newer version.
inline constexpr std::uint32_t kFormatVersion = 2;
/// Its queue records have no state; that is in `states`.
inline constexpr std::uint32_t kFormatWithStatesApart = 1;

inline constexpr UtcSeconds kNever = std::numeric_limits<UtcSeconds>::max();

/// Where a queue's content is.
struct QueueState {
  std::uint64_t tail_start = 0;     ///< first marker of the block that posts now go to
  std::uint64_t claim_ceiling = 0;  ///< claim numbers from here on were never handed out
  std::uint64_t first_block = 0;    ///< no block with a lower number has a record
  bool operator==(const QueueState&) const = default;
};

/// `queues`
struct QueueRecord {
  std::uint64_t number = 0;
  std::string metadata_json;
  std::optional<QueueState> state;  ///< missing only where a program of format 1 wrote last

  [[nodiscard]] std::string encode() const;
  [[nodiscard]] static std::optional<QueueRecord> decode(std::string_view bytes);
};

/// `states`: whose number it is, and the state of a queue whose own record has none.
struct StateRecord {
  domain::ProjectId project;
  std::string name;
  std::uint64_t tail_start = 0;
  std::uint64_t claim_ceiling = 0;

  [[nodiscard]] std::string encode() const;
  [[nodiscard]] static std::optional<StateRecord> decode(std::string_view bytes);
};

/// `messages`. Views point into the encoded record.
struct MessageRecord {
  UtcMillis created = 0;
  std::int64_t ttl = 0;
  UtcSeconds expiry = 0;                 ///< dead from this second on, unless a mark says otherwise
  UtcSeconds delayed_until = 0;          ///< 0 for none
  std::string_view client;               ///< the poster's id: 16 bytes for a UUID, else its text
  std::string_view checksum;             ///< as shown; empty for none
  std::optional<base::Uuid> foreign_id;  ///< the id it brought along from another queue
  std::int64_t claim_count = 0;          ///< what it brought along from another queue
  std::string_view body;

  [[nodiscard]] std::string encode() const;
  /// All of the encoded record but the body, which is its end.
  [[nodiscard]] std::string encode_head() const;
  [[nodiscard]] static std::optional<MessageRecord> decode(std::string_view bytes);
};

/// `marks`: what claims have done to a message.
struct MarkRecord {
  std::uint64_t claim = 0;  ///< number of the last claim; 0 after a release
  UtcSeconds claim_end = 0;
  std::int64_t claim_count = 0;
  bool extended = false;  ///< `ttl` and `expiry` take the place of the message's own
  std::int64_t ttl = 0;
  UtcSeconds expiry = 0;

  [[nodiscard]] std::string encode() const;
  [[nodiscard]] static std::optional<MarkRecord> decode(std::string_view bytes);
};

/// `claims`
struct ClaimRecord {
  std::int64_t ttl = 0;
  UtcMillis started = 0;  ///< creation or last renewal
  UtcSeconds end = 0;
  std::vector<std::uint64_t> markers;

  [[nodiscard]] std::string encode() const;
  [[nodiscard]] static std::optional<ClaimRecord> decode(std::string_view bytes);
};

/// Knowledge gained by a scan: before `until`, nothing of a certain kind is found at positions of
/// a block below `position`. Never wrong, at worst out of date on the cautious side.
struct ScanMemo {
  std::uint32_t position = 0;
  UtcSeconds until = kNever;

  [[nodiscard]] std::uint32_t start(UtcSeconds now) const { return now < until ? position : 0; }
  /// What is at `at` is none of that kind, if it was, until `when`.
  void taken(std::uint32_t at, UtcSeconds when) {
    if (at != position) return;
    ++position;
    until = std::min(until, when);
  }
  /// Something of that kind has appeared at `at`.
  void appeared(std::uint32_t at) { position = std::min(position, at); }
  /// Something of that kind will appear at `at`, at a time that may be earlier than was known.
  void frees(std::uint32_t at, UtcSeconds when) {
    if (at < position) until = std::min(until, when);
  }
  bool operator==(const ScanMemo&) const = default;
};

/// `blocks`
struct BlockRecord {
  std::uint32_t live = 0;                 ///< message records in the block
  std::uint32_t marked = 0;               ///< mark records in the block
  std::uint32_t used = 0;                 ///< markers handed out, counted from the block's start
  UtcSeconds latest_expiry = 0;           ///< every message is dead from this second on
  UtcSeconds sweep_at = 0;                ///< when it will pay to clear away expired messages
  std::optional<base::Uuid> sole_client;  ///< who posted all of it, if one client with a UUID did
  ScanMemo unclaimed;                     ///< messages that no live claim holds
  ScanMemo claimable;                     ///< of those, the ones whose delay is over
  /// When the last scan that taught something looked: before that, neither the memos nor
  /// `sole_client` need hold. 0: no scan did, and there are no memos.
  UtcSeconds learned_from = 0;

  void learned_at(UtcSeconds now) { learned_from = std::max(learned_from, now); }
  void forget_learned() {
    sole_client.reset();
    unclaimed = claimable = {};
    learned_from = 0;
  }

  [[nodiscard]] std::string encode() const;
  [[nodiscard]] static std::optional<BlockRecord> decode(std::string_view bytes);
};

/// The stored form of a client id: `u` and 16 bytes for a UUID, else `t` and its text.
[[nodiscard]] std::string client_bytes(const domain::ClientId& client);

/// The UUID in a stored client id, if it is one.
[[nodiscard]] std::optional<base::Uuid> client_uuid(std::string_view client_bytes);

}  // namespace marconi::storage::embedded
