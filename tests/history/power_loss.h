// What a disk would hold after a power loss: works it out from the file journal of a server that
// was killed, and leaves the store's files so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <iosfwd>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace marconi::history {

/// What was thrown away.
struct Losses {
  std::uint64_t bytes = 0;  ///< written and never synced; overwritten ones count each time
  std::size_t torn = 0;     ///< files of which a part of these survived
  std::size_t names = 0;    ///< creations, renamings and removals undone

  void add(const Losses& other);
};

/// Takes the harshest view that POSIX allows, but for the order of names: a name is safe only once
/// its directory was synced, a byte once its file was; a failed sync loses for ever what was not
/// synced before it. Where bytes were overwritten, those from before come back. Names are lost from
/// the latest on, as in file systems with a journal.
///
/// Errors are sentences. For one thread.
class PowerLoss {
 public:
  /// Looks after the files in `store`, which exists; keeps the journal, and copies of removed
  /// files, in `beside`, which it makes on the same file system.
  PowerLoss(std::filesystem::path store, std::filesystem::path beside);

  /// Takes all that is there as safe, and begins a new journal. No server may be running.
  void begin();

  enum class Kind {
    everything,  ///< nothing that was not synced survives
    torn,        ///< a part of each file's unsynced end does, and of the latest names; the last
                 ///< bytes may be garbage; of what was overwritten, any pieces survive
  };
  /// To be called when the server was killed. Begins anew.
  std::expected<Losses, std::string> strike(Kind kind, std::mt19937_64& dice);

  [[nodiscard]] std::filesystem::path journal() const { return beside_ / "journal"; }
  [[nodiscard]] std::filesystem::path removed() const { return beside_ / "removed"; }

 private:
  /// Bytes written over others, and where those were kept.
  struct Overwritten {
    std::uint64_t noted = 0;  ///< offset in the journal
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::uint64_t place = 0;  ///< in the file of overwritten bytes
  };
  struct FileState {
    std::uint64_t safe = 0;
    bool spoiled = false;                  ///< nothing more can become safe
    std::vector<Overwritten> overwritten;  ///< since it was synced, in order of time
  };
  struct NameChange {
    enum class Kind { created, renamed, removed } kind;
    std::uint64_t offset = 0;  ///< in the journal
    std::uint64_t inode = 0;
    std::string spare;  ///< number of the copy; "0": none
    std::filesystem::path from;
    std::filesystem::path to;  ///< the only one, but for renamings
  };
  using Lines = std::vector<std::string>;

  std::expected<void, std::string> read_journal();
  bool read_line(const std::string& line, std::uint64_t offset);
  void read_sync(std::uint64_t inode, std::istringstream& words);
  void undo(const NameChange& change, Losses& losses);
  void put_back(const NameChange& change) const;
  /// Puts back what was overwritten.
  void restore(const std::filesystem::path& file, Kind kind, std::mt19937_64& dice,
               Losses& losses) const;
  /// Takes away what was appended.
  void cut(const std::filesystem::path& file, Kind kind, std::mt19937_64& dice,
           Losses& losses) const;

  std::filesystem::path store_;
  std::filesystem::path beside_;
  std::map<std::uint64_t, FileState> files_;  ///< by inode
  std::vector<NameChange> unsafe_;            ///< names, in order of time
  bool rewritten_ = false;
};

}  // namespace marconi::history
