#include "history/power_loss.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <ranges>
#include <sstream>
#include <utility>

#include "history/faults/journal.h"

namespace marconi::history {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kSector = 4096;
constexpr std::uint64_t kPiece = 512;  ///< what a disk overwrites at once, if all goes well

/// 0 if there is no such file.
std::uint64_t inode_of(const fs::path& path) {
  struct stat file{};
  return ::stat(path.c_str(), &file) == 0 ? static_cast<std::uint64_t>(file.st_ino) : 0;
}

std::uint64_t up_to(std::uint64_t most, std::mt19937_64& dice) {
  return std::uniform_int_distribution<std::uint64_t>(0, most)(dice);
}

/// Remarks for people: never synced, and nothing depends on them.
bool is_log(const fs::path& path) { return path.filename().string().starts_with("LOG"); }

/// The rest of the line behind the blank.
std::string rest_of(std::istringstream& words) {
  std::string rest;
  words.get();
  std::getline(words, rest);
  return rest;
}

/// Turns the last bytes into something else, but none before `from`.
void spoil_end(const fs::path& path, std::uint64_t from, std::uint64_t size,
               std::mt19937_64& dice) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  const std::uint64_t most = std::min(size - from, kSector);
  const std::uint64_t length = up_to(most, dice);
  const bool zeros = up_to(1, dice) == 0;
  file.seekp(static_cast<std::streamoff>(size - length));
  for (std::uint64_t i = 0; i < length; ++i) {
    file.put(zeros ? '\0' : static_cast<char>(up_to(255, dice)));
  }
}

/// Which of a file's overwritten pieces a power loss takes.
class LostPieces {
 public:
  LostPieces(bool all, std::mt19937_64& dice)
      : dice_(dice), percentage_(all ? 100 : up_to(100, dice)), all_(all) {}

  /// How much of the beginning of this piece survives, perhaps in the middle of a record.
  std::uint64_t kept(std::uint64_t piece) {
    if (all_) return 0;
    const auto [entry, is_new] = kept_.try_emplace(piece, kPiece);
    if (is_new && up_to(99, dice_) < percentage_) {
      entry->second = up_to(7, dice_) == 0 ? up_to(kPiece, dice_) : 0;
    }
    return entry->second;
  }

 private:
  std::mt19937_64& dice_;
  const std::uint64_t percentage_;
  const bool all_;
  std::map<std::uint64_t, std::uint64_t> kept_;
};

std::string part_of(const fs::path& path, std::uint64_t offset, std::uint64_t size) {
  std::string bytes(size, '\0');
  std::ifstream file(path, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(offset));
  file.read(bytes.data(), static_cast<std::streamsize>(size));
  return bytes;
}

}  // namespace

void Losses::add(const Losses& other) {
  bytes += other.bytes;
  torn += other.torn;
  names += other.names;
}

PowerLoss::PowerLoss(fs::path store, fs::path beside)
    : store_(std::move(store)), beside_(std::move(beside)) {
  fs::create_directories(removed());
  begin();
}

void PowerLoss::begin() {
  fs::remove_all(removed());
  fs::create_directories(removed());
  files_.clear();
  unsafe_.clear();
  std::ofstream journal(this->journal(), std::ios::trunc);
  for (const auto& entry : fs::directory_iterator(store_)) {
    if (entry.is_regular_file()) {
      files_[inode_of(entry.path())] = {entry.file_size(), false, {}};
    }
  }
}

std::expected<Losses, std::string> PowerLoss::strike(Kind kind, std::mt19937_64& dice) {
  if (const auto read = read_journal(); !read) {
    return std::unexpected(read.error());
  }
  Losses losses;
  const std::size_t kept = kind == Kind::torn ? up_to(unsafe_.size(), dice) : 0;
  for (const NameChange& change :
       unsafe_ | std::views::drop(static_cast<std::ptrdiff_t>(kept)) | std::views::reverse) {
    undo(change, losses);
  }
  std::vector<fs::path> present;
  for (const auto& entry : fs::directory_iterator(store_)) {
    if (entry.is_regular_file() && !is_log(entry.path())) {
      present.push_back(entry.path());
    }
  }
  std::ranges::sort(present);  // so that the dice fall the same way
  for (const fs::path& file : present) {
    restore(file, kind, dice, losses);
    cut(file, kind, dice, losses);
  }
  begin();
  return losses;
}

std::expected<void, std::string> PowerLoss::read_journal() {
  std::ifstream file(journal());
  std::uint64_t offset = 0;
  for (std::string line; std::getline(file, line); offset += line.size() + 1) {
    if (!read_line(line, offset)) {
      return std::unexpected("the file journal has a line that nobody wrote: " + line);
    }
  }
  if (rewritten_) {
    return std::unexpected("the store wrote into the middle of a file, which is not modelled");
  }
  return {};
}

bool PowerLoss::read_line(const std::string& line, std::uint64_t offset) {
  std::istringstream words(line);
  std::string what;
  std::uint64_t number = 0;
  words >> what >> number;
  if (what == faults::kCreated) {
    files_[number] = {};
    unsafe_.push_back({NameChange::Kind::created, offset, number, "0", {}, rest_of(words)});
  } else if (what == faults::kSynced) {
    read_sync(number, words);
  } else if (what == faults::kShortened) {
    std::uint64_t size = 0;
    words >> size;
    files_[number].safe = std::min(files_[number].safe, size);
  } else if (what == faults::kOverwritten) {
    Overwritten overwritten{.noted = offset};
    words >> overwritten.offset >> overwritten.size >> overwritten.place;
    files_[number].overwritten.push_back(overwritten);
  } else if (what == faults::kSpoiled) {
    files_[number].spoiled = true;
  } else if (what == faults::kRewritten) {
    rewritten_ = true;
  } else if (what == faults::kRenaming || what == faults::kRemoving) {
    std::string spare;
    words >> spare;
    const std::string paths = rest_of(words);
    const std::size_t tab = paths.find('\t');
    const bool renamed = what == faults::kRenaming;
    unsafe_.push_back({renamed ? NameChange::Kind::renamed : NameChange::Kind::removed, offset,
                       number, spare, renamed ? paths.substr(0, tab) : std::string(),
                       renamed ? paths.substr(tab + 1) : paths});
  } else if (what == faults::kNamesSynced) {
    const fs::path directory = rest_of(words);
    std::erase_if(unsafe_, [&](const NameChange& change) {
      return change.offset < number && change.to.parent_path() == directory;
    });
  } else {
    return false;
  }
  return !words.bad();
}

void PowerLoss::read_sync(std::uint64_t inode, std::istringstream& words) {
  std::uint64_t size = 0;
  std::uint64_t journal = 0;
  words >> size >> journal;
  FileState& file = files_[inode];
  if (file.spoiled) return;
  file.safe = std::max(file.safe, size);
  std::erase_if(file.overwritten,
                [journal](const Overwritten& overwritten) { return overwritten.noted < journal; });
}

/// The server may have been killed between a note and the deed.
void PowerLoss::undo(const NameChange& change, Losses& losses) {
  ++losses.names;
  switch (change.kind) {
    case NameChange::Kind::created:
      if (inode_of(change.to) == change.inode) {
        losses.bytes += fs::file_size(change.to);
        fs::remove(change.to);
      }
      return;
    case NameChange::Kind::renamed:
      if (inode_of(change.to) == change.inode) {
        fs::rename(change.to, change.from);
        put_back(change);
      }
      return;
    case NameChange::Kind::removed:
      put_back(change);
      return;
  }
}

void PowerLoss::put_back(const NameChange& change) const {
  const fs::path spare = removed() / change.spare;
  if (change.spare != "0" && !fs::exists(change.to) && fs::exists(spare)) {
    fs::create_hard_link(spare, change.to);
  }
}

void PowerLoss::restore(const fs::path& file, Kind kind, std::mt19937_64& dice,
                        Losses& losses) const {
  const auto state = files_.find(inode_of(file));
  if (state == files_.end() || state->second.overwritten.empty()) return;
  const std::uint64_t file_size = fs::file_size(file);
  std::uint64_t written = 0;
  std::uint64_t lost = 0;
  LostPieces pieces(kind == Kind::everything, dice);
  std::fstream target(file, std::ios::in | std::ios::out | std::ios::binary);
  for (const Overwritten& entry : state->second.overwritten | std::views::reverse) {
    const std::uint64_t end = std::min(entry.offset + entry.size, file_size);
    const std::string before =
        part_of(removed() / faults::kOverwrittenBytes, entry.place, entry.size);
    written += entry.size;
    for (std::uint64_t at = entry.offset; at < end;) {
      const std::uint64_t piece = at / kPiece;
      const std::uint64_t piece_end = std::min((piece + 1) * kPiece, end);
      const std::uint64_t from = std::max(at, piece * kPiece + pieces.kept(piece));
      if (from < piece_end) {
        target.seekp(static_cast<std::streamoff>(from));
        target.write(before.data() + (from - entry.offset),
                     static_cast<std::streamsize>(piece_end - from));
        lost += piece_end - from;
      }
      at = piece_end;
    }
  }
  losses.bytes += lost;
  losses.torn += lost > 0 && lost < written ? 1 : 0;
}

void PowerLoss::cut(const fs::path& file, Kind kind, std::mt19937_64& dice, Losses& losses) const {
  const std::uint64_t size = fs::file_size(file);
  const auto state = files_.find(inode_of(file));
  const std::uint64_t safe = state == files_.end() ? 0 : state->second.safe;
  if (size <= safe) {
    return;
  }
  const std::uint64_t kept = kind == Kind::torn ? up_to(size - safe, dice) : 0;
  losses.bytes += size - safe - kept;
  fs::resize_file(file, safe + kept);
  if (kept > 0) {
    ++losses.torn;
    if (up_to(1, dice) == 1) {
      spoil_end(file, safe, safe + kept, dice);
    }
  }
}

}  // namespace marconi::history
