// The memory that the torture program shares with the library it loads into a server: faults to
// produce on one side, what came of them on the other.
//
// Every field is an atomic that needs no lock, so a server killed at any moment leaves nothing
// held. The page is a file that both sides map; it outlives the server and serves the next one.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <limits>

namespace marconi::history::faults {

/// Environment variable that names the page's file to the library.
inline constexpr const char* kPageVariable = "MARCONI_FAULTS_PAGE";

inline constexpr std::uint32_t kMillion = 1'000'000;
inline constexpr std::int64_t kUnlimited = std::numeric_limits<std::int64_t>::max();

using Count = std::atomic<std::uint64_t>;

/// All zeros but for `room` is a page that asks for nothing.
struct ControlPage {
  // ---- Asked for by the torture program ------------------------------------------------------

  /// How many in a million calls fail with EIO.
  std::atomic<std::uint32_t> write_errors{0};
  std::atomic<std::uint32_t> sync_errors{0};
  std::atomic<std::uint32_t> read_errors{0};
  /// Bytes that may still be written; then a write is cut short and the next fails with ENOSPC.
  std::atomic<std::int64_t> room{kUnlimited};
  /// Added to the wall clock, in nanoseconds.
  std::atomic<std::int64_t> clock_offset{0};
  /// Drives the dice; each call that throws them counts it up.
  Count dice{0};

  // ---- Told by the library -------------------------------------------------------------------

  Count loads{0};  ///< servers that have the library
  Count failed_writes{0};
  Count failed_syncs{0};
  Count failed_reads{0};
  Count short_writes{0};
  Count refused_for_room{0};
  /// A server that was killed leaves it as it was: for the torture program to clear.
  Count syncs_under_way{0};
  Count openings{0};          ///< of the database, successful ones: renames onto CURRENT
  Count journal_failures{0};  ///< what happened to the files is not known completely

  // ---- Set before the first server, fixed from then on -----------------------------------------

  using Path = std::array<char, 1024>;
  Path store{};    ///< the directory that faults are about, absolute, without a slash at its end
  Path journal{};  ///< the file journal (journal.h); empty: none is kept
  Path removed{};  ///< directory for copies of what the server removes; same file system
};

static_assert(Count::is_always_lock_free && std::atomic<std::uint32_t>::is_always_lock_free &&
              std::atomic<std::int64_t>::is_always_lock_free);

}  // namespace marconi::history::faults
