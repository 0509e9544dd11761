// The file journal: what a server did to the files of its store, as far as it matters for what a
// disk would hold after a power loss. The library appends to it, the torture program reads it.
//
// Lines of text, each written by one call, so that a server killed at any moment leaves whole
// ones. Files go by inode number, since names change. Paths come last and contain no line breaks.
//
//   created INODE PATH          after it was made, empty
//   overwritten INODE OFFSET SIZE PLACE
//                               after so many bytes were written over others; what was there before
//                               is kept at this place of the file of overwritten bytes
//   synced INODE SIZE OFFSET    after a sync; SIZE is from before it, and what is noted below this
//                               offset of the journal as overwritten is safe
//   spoiled INODE               a sync failed: whatever was not synced before it will never be
//   rewritten INODE             opened to write into the middle by calls that are not watched; such
//                               stores are not modelled
//   shortened INODE SIZE        after it was cut
//   renaming INODE SPARE FROM<TAB>TO
//                               before it; SPARE is the number of a copy of what TO named, or 0
//   removing INODE SPARE PATH   before it
//   names-synced OFFSET PATH    a sync of a directory: renamings, removals and creations in it that
//                               are noted below this offset of the journal are safe
#pragma once

#include <string_view>

namespace marconi::history::faults {

inline constexpr std::string_view kCreated = "created";
inline constexpr std::string_view kOverwritten = "overwritten";
inline constexpr std::string_view kSynced = "synced";
inline constexpr std::string_view kSpoiled = "spoiled";
inline constexpr std::string_view kRewritten = "rewritten";
inline constexpr std::string_view kShortened = "shortened";
inline constexpr std::string_view kRenaming = "renaming";
inline constexpr std::string_view kRemoving = "removing";
inline constexpr std::string_view kNamesSynced = "names-synced";

/// The file of overwritten bytes, in the directory for copies of what the server removes.
inline constexpr std::string_view kOverwrittenBytes = "overwritten";

}  // namespace marconi::history::faults
