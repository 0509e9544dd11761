// Inside the server: keeps the file journal (journal.h). Functions for the calls that the library
// stands in for; each does nothing if no journal is wanted. None changes errno.
#pragma once

#include <cstdint>
#include <string_view>

namespace marconi::history::faults {

[[nodiscard]] bool keeps_journal();

void note_created(int descriptor, std::string_view path);

/// What a sync that begins now would make safe.
struct BeforeSync {
  std::uint64_t inode = 0;
  std::uint64_t size = 0;     ///< of the file
  std::uint64_t journal = 0;  ///< the journal's size
  bool is_directory = false;
};
[[nodiscard]] BeforeSync before_sync(int descriptor);
void note_synced(int descriptor, const BeforeSync& before);
void note_sync_failed(const BeforeSync& before);

void note_shortened(int descriptor, std::uint64_t size);
void note_rewritten(int descriptor);

/// What a write elsewhere than at a file's end is about to overwrite.
struct BeforeWrite {
  std::uint64_t inode = 0;
  std::uint64_t size = 0;   ///< of what there is; 0 if nothing
  std::uint64_t place = 0;  ///< in the file of overwritten bytes, where it has been kept
};
[[nodiscard]] BeforeWrite before_write(int descriptor, std::uint64_t offset, std::uint64_t size);
/// `size`: what was written in the end.
void note_overwritten(const BeforeWrite& before, std::uint64_t offset, std::uint64_t size);

/// To be called before it happens: what is overwritten by a renaming or removed is kept as a spare.
void note_renaming(const char* from, const char* to);
void note_removing(const char* path);

}  // namespace marconi::history::faults
