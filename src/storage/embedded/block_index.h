// What lives where in a queue, block by block, so that scans visit only blocks in which there may
// be something to find: depth, claims held, the dead, and what a filter hides cost nothing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/call.h"
#include "storage/embedded/records.h"

namespace marconi::storage::embedded {

using MarkerNumber = std::uint64_t;
using BlockNumber = std::uint64_t;

/// Markers per block. A scan inside a block may walk this many graves; a summary is kept for each.
inline constexpr MarkerNumber kBlockSize = 1024;

[[nodiscard]] constexpr BlockNumber block_of(MarkerNumber marker) { return marker / kBlockSize; }
[[nodiscard]] constexpr MarkerNumber start_of(BlockNumber block) { return block * kBlockSize; }

struct Wanted;

/// The summary of one block. The record is what is kept on disk; the rest is relearned.
struct Block {
  BlockNumber number = 0;
  BlockRecord record;

  /// No mark is at or above this position of the block.
  std::uint32_t marks_end = 0;

  ScanMemo present;    ///< messages that are alive
  ScanMemo undelayed;  ///< of those, the ones whose delay is over

  /// Ticket of the last change other than a post.
  base::CommitTicket changed;

  /// Differs after every change to messages or marks, posts included.
  std::uint64_t version = 0;

  /// The memo of the kind that is wanted.
  [[nodiscard]] ScanMemo& memo_of(const Wanted& wanted);

  /// Before which time a memo rules out the whole block: it covers all markers handed out.
  [[nodiscard]] UtcSeconds ruled_out_until(const ScanMemo& memo) const {
    return memo.position >= record.used ? memo.until : 0;
  }
};

/// What a scan is looking for.
struct Wanted {
  UtcSeconds now = 0;
  bool skip_claimed = false;
  bool skip_delayed = false;
  std::optional<base::Uuid> hidden_client;  ///< whose messages are not wanted
};

/// The blocks of one queue that hold message records, in two levels: groups of blocks carry what
/// is common to them. Not thread-safe.
class BlockIndex {
 public:
  /// The block of this number, made if missing.
  Block& at(BlockNumber number);

  /// The block of this number, or null.
  [[nodiscard]] Block* find(BlockNumber number);

  /// To be called after any change to a block: what is known of its group is out of date.
  void touched(BlockNumber number);

  void erase(BlockNumber number);
  void clear();

  /// How many blocks there are.
  [[nodiscard]] std::size_t size() const { return size_; }

  /// Whether some block has marks.
  [[nodiscard]] bool has_marks() const;

  /// The lowest number of a block; nothing if there is none.
  [[nodiscard]] std::optional<BlockNumber> first() const;

  /// The first block at or after `from` that may hold something wanted, or null. Adds to
  /// `rests_on` the tickets of the blocks that it passed over.
  Block* next(BlockNumber from, const Wanted& wanted, base::CommitTicket& rests_on);

  /// The last block before `end` with messages that may be alive, or null.
  Block* previous(BlockNumber end, UtcSeconds now);

 private:
  /// What holds for all blocks of a group.
  struct Summary {
    UtcSeconds latest_expiry = 0;
    std::optional<base::Uuid> sole_client;
    // Before these times no block holds a message of the kind.
    UtcSeconds undelayed_from = 0;
    UtcSeconds unclaimed_from = 0;
    UtcSeconds claimable_from = 0;
    base::CommitTicket changed;
  };
  struct Group {
    std::vector<Block> blocks;  // ascending by number
    std::optional<Summary> summary;
  };

  static constexpr BlockNumber kGroupSize = 256;

  [[nodiscard]] static bool may_hold(const Summary& summary, const Wanted& wanted);
  [[nodiscard]] static Summary summary_of(const Block& block);
  static void merge(Summary& into, const Summary& other);
  static const Summary& summary_of(Group& group);

  std::map<BlockNumber, Group> groups_;
  std::size_t size_ = 0;
};

}  // namespace marconi::storage::embedded
