#include "storage/embedded/row_list.h"

#include <rocksdb/memtablerep.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>

namespace marconi::storage::embedded {
namespace {

using rocksdb::MemTableRep;
using rocksdb::Slice;

static_assert(std::endian::native == std::endian::little, "RocksDB's tags are read as they lie");

/// What orders rows: the key, and among rows of one key the tag, which has the sequence number of
/// the write in its upper 56 bits and its kind in the others. The newest row comes first.
struct RowKey {
  const char* key;
  std::size_t size;
  std::uint64_t tag;
};

std::strong_ordering operator<=>(const RowKey& a, const RowKey& b) {
  if (const int order = std::memcmp(a.key, b.key, std::min(a.size, b.size)); order != 0) {
    return order <=> 0;
  }
  if (a.size != b.size) return a.size <=> b.size;
  return b.tag <=> a.tag;
}

/// Of a key and a tag, one after the other, `size` bytes in all.
RowKey split(const char* data, std::size_t size) {
  RowKey row{data, size - sizeof(row.tag), 0};
  std::memcpy(&row.tag, data + row.size, sizeof(row.tag));
  return row;
}

/// Of a row: the size of key and tag as a varint, both, and the value. RocksDB calls this format
/// frozen (rocksdb/memtablerep.h).
RowKey key_of(const char* row) {
  constexpr unsigned kMore = 0x80;
  std::size_t size = 0;
  for (unsigned shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(*row++);
    size |= static_cast<std::size_t>(byte & ~kMore) << shift;
    if (byte < kMore) return split(row, size);
  }
}

// A skip list (Pugh, 1990). A row lies in one piece of memory with its links, which stand before
// it, the lowest level last. Rows are never taken out. So whoever has a row can go on from it, and
// an insertion is one exchange of a link for each level, tried again where another was faster.

constexpr unsigned kMaxHeight = 12;
constexpr unsigned kRowsToOneTaller = 4;  // per level: 4^12 rows are 16 million
/// So far a place of an earlier insertion is followed before the search begins at the top.
constexpr unsigned kStepsFromPlace = 4;

using Link = std::atomic<char*>;

Link& link_of(char* row, unsigned level) { return *(reinterpret_cast<Link*>(row) - 1 - level); }

char* next_of(char* row, unsigned level) {
  return link_of(row, level).load(std::memory_order_acquire);
}

class RowList final : public MemTableRep {
 public:
  explicit RowList(rocksdb::Allocator* allocator) : MemTableRep(allocator) {}

  rocksdb::KeyHandle Allocate(std::size_t size, char** row) override {
    const unsigned height = draw_height();
    const std::size_t links = height * sizeof(Link);
    char* memory = nullptr;
    MemTableRep::Allocate(alignof(Link) - 1 + links + size, &memory);
    const auto address = std::bit_cast<std::uintptr_t>(memory);
    *row = memory + (-address % alignof(Link)) + links;
    for (unsigned level = 0; level < height; ++level) {
      new (&link_of(*row, level)) Link(nullptr);
    }
    // Kept here until the row is inserted.
    link_of(*row, 0).store(std::bit_cast<char*>(std::uintptr_t{height}), std::memory_order_relaxed);
    return *row;
  }

  void Insert(rocksdb::KeyHandle row) override {
    insert(static_cast<char*>(row), last_.load(std::memory_order_acquire));
  }
  void InsertConcurrently(rocksdb::KeyHandle row) override { Insert(row); }
  /// The place is the row that was inserted there last.
  void InsertWithHint(rocksdb::KeyHandle row, void** place) override {
    if (*place == nullptr) *place = last_.load(std::memory_order_acquire);
    insert(static_cast<char*>(row), static_cast<char*>(*place));
    *place = row;
  }

  bool Contains(const char* row) const override {
    const RowKey key = key_of(row);
    const char* found = first_from(key);
    return found != nullptr && key_of(found) <=> key == 0;
  }

  void Get(const rocksdb::LookupKey& key, void* arguments,
           bool (*wants_more)(void*, const char*)) override;
  Iterator* GetIterator(rocksdb::Arena* arena) override;

  /// Beside what came from the allocator.
  std::size_t ApproximateMemoryUsage() override { return 0; }

  [[nodiscard]] char* first() const { return next_of(head(), 0); }

  /// The first row that is not before this key, or none.
  [[nodiscard]] char* first_from(const RowKey& key) const {
    char* behind = nullptr;
    descend(key, [&](unsigned, char*, char* next) { behind = next; });
    return behind;
  }

  /// The last row before this key, or none.
  [[nodiscard]] char* last_before(const RowKey& key) const {
    char* before = nullptr;
    descend(key, [&](unsigned, char* row, char*) { before = row; });
    return before == head() ? nullptr : before;
  }

  [[nodiscard]] char* last() const {
    char* row = head();
    for (unsigned level = height_.load(std::memory_order_relaxed); level-- > 0;) {
      while (char* next = next_of(row, level)) row = next;
    }
    return row == head() ? nullptr : row;
  }

 private:
  /// The rows between which a key belongs, on each level.
  struct Places {
    std::array<char*, kMaxHeight> before;
    std::array<char*, kMaxHeight> behind;
  };

  /// Has the links of the list's beginning before it, like a row.
  [[nodiscard]] char* head() const {
    return reinterpret_cast<char*>(const_cast<Link*>(beginning_.data()) + kMaxHeight);
  }

  unsigned draw_height() {
    // The n-th row's height: as good as drawn, whoever draws (SplitMix64, Steele et al., 2014).
    std::uint64_t drawn = 0x9e3779b97f4a7c15u * (rows_.fetch_add(1, std::memory_order_relaxed) + 1);
    drawn = (drawn ^ (drawn >> 30)) * 0xbf58476d1ce4e5b9u;
    drawn = (drawn ^ (drawn >> 27)) * 0x94d049bb133111ebu;
    drawn ^= drawn >> 31;
    unsigned height = 1;
    for (; height < kMaxHeight && drawn % kRowsToOneTaller == 0; ++height) {
      drawn /= kRowsToOneTaller;
    }
    return height;
  }

  /// Tells for each level, from the top down, the last row before the key and the one after that.
  template <typename Visit>
  void descend(const RowKey& key, Visit visit) const {
    char* row = head();
    char* not_before = nullptr;  // known from the level above
    for (unsigned level = height_.load(std::memory_order_acquire); level-- > 0;) {
      char* next = next_of(row, level);
      for (; next != not_before && next != nullptr && key_of(next) < key;
           next = next_of(row, level)) {
        row = next;
      }
      not_before = next;
      visit(level, row, next);
    }
  }

  /// Whether a key belongs close behind a row, and between which two then.
  static bool is_near(char* row, const RowKey& key, Places& places) {
    if (row == nullptr || key_of(row) >= key) return false;
    for (unsigned steps = 0; steps < kStepsFromPlace; ++steps) {
      char* next = next_of(row, 0);
      if (next == nullptr || key_of(next) >= key) {
        places.before[0] = row;
        places.behind[0] = next;
        return true;
      }
      row = next;
    }
    return false;
  }

  void insert(char* row, char* place) {
    const auto height = static_cast<unsigned>(
        std::bit_cast<std::uintptr_t>(link_of(row, 0).load(std::memory_order_relaxed)));
    const RowKey key = key_of(row);
    Places places;
    if (height > 1 || !is_near(place, key, places)) {
      raise_to(height);
      descend(key, [&](unsigned level, char* before, char* behind) {
        places.before[level] = before;
        places.behind[level] = behind;
      });
    }
    for (unsigned level = 0; level < height; ++level) {
      char*& before = places.before[level];
      char*& behind = places.behind[level];
      for (;;) {
        link_of(row, level).store(behind, std::memory_order_relaxed);
        if (link_of(before, level)
                .compare_exchange_strong(behind, row, std::memory_order_release,
                                         std::memory_order_acquire)) {
          break;
        }
        // `behind` is what another has inserted there.
        while (behind != nullptr && key_of(behind) < key) {
          before = behind;
          behind = next_of(before, level);
        }
      }
    }
    last_.store(row, std::memory_order_release);
  }

  void raise_to(unsigned height) {
    unsigned now = height_.load(std::memory_order_relaxed);
    while (now < height && !height_.compare_exchange_weak(now, height)) {
    }
  }

  std::array<Link, kMaxHeight> beginning_{};
  std::atomic<unsigned> height_{1};
  std::atomic<std::uint64_t> rows_{0};
  std::atomic<char*> last_{nullptr};  // the row inserted last
};

class RowIterator : public MemTableRep::Iterator {
 public:
  explicit RowIterator(const RowList& list) : list_(list) {}

  bool Valid() const override { return row_ != nullptr; }
  const char* key() const override { return row_; }
  void Next() override { row_ = next_of(row_, 0); }
  void Prev() override { row_ = list_.last_before(key_of(row_)); }
  void Seek(const Slice& key, const char* row) override {
    row_ = list_.first_from(target_of(key, row));
  }
  void SeekForPrev(const Slice& key, const char* row) override {
    const RowKey target = target_of(key, row);
    row_ = list_.first_from(target);
    if (row_ == nullptr || key_of(row_) > target) row_ = list_.last_before(target);
  }
  void SeekToFirst() override { row_ = list_.first(); }
  void SeekToLast() override { row_ = list_.last(); }

 private:
  /// RocksDB gives either a row or only its key and tag.
  static RowKey target_of(const Slice& key, const char* row) {
    return row != nullptr ? key_of(row) : split(key.data(), key.size());
  }

  const RowList& list_;
  char* row_ = nullptr;
};

/// Whoever deletes it leaves its memory alone. RocksDB 7.8 forgets to delete what it gets for a
/// look-up; others may not.
class LookUpIterator final : public RowIterator {
 public:
  using RowIterator::RowIterator;
  static void operator delete(void*) {}
};

/// A list that only does what its base class does unasked: the way to a look-up's key and to an
/// arena's memory, which are declared in headers that RocksDB keeps to itself.
class BareList final : public MemTableRep {
 public:
  explicit BareList(rocksdb::Allocator* allocator, Iterator* iterator = nullptr)
      : MemTableRep(allocator), iterator_(iterator) {}

  void Insert(rocksdb::KeyHandle) override {}
  bool Contains(const char*) const override { return false; }
  std::size_t ApproximateMemoryUsage() override { return 0; }
  Iterator* GetIterator(rocksdb::Arena*) override { return iterator_; }

 private:
  Iterator* const iterator_;
};

void RowList::Get(const rocksdb::LookupKey& key, void* arguments,
                  bool (*wants_more)(void*, const char*)) {
  alignas(LookUpIterator) std::array<std::byte, sizeof(LookUpIterator)> memory;
  BareList(allocator_, new (memory.data()) LookUpIterator(*this)).Get(key, arguments, wants_more);
}

MemTableRep::Iterator* RowList::GetIterator(rocksdb::Arena* arena) {
  if (arena == nullptr) return new RowIterator(*this);
  // An arena is an allocator, and nothing else before that.
  BareList in_arena(reinterpret_cast<rocksdb::Allocator*>(arena));
  char* memory = nullptr;
  std::size_t space = sizeof(RowIterator) + alignof(RowIterator) - 1;
  in_arena.Allocate(space, &memory);
  void* aligned = memory;
  std::align(alignof(RowIterator), sizeof(RowIterator), aligned, space);
  return new (aligned) RowIterator(*this);
}

class RowLists final : public rocksdb::MemTableRepFactory {
 public:
  const char* Name() const override { return "marconi.rows"; }
  bool IsInsertConcurrentlySupported() const override { return true; }
  using MemTableRepFactory::CreateMemTableRep;
  MemTableRep* CreateMemTableRep(const MemTableRep::KeyComparator&, rocksdb::Allocator* allocator,
                                 const rocksdb::SliceTransform*, rocksdb::Logger*) override {
    return new RowList(allocator);
  }
};

}  // namespace

std::shared_ptr<rocksdb::MemTableRepFactory> row_lists() { return std::make_shared<RowLists>(); }

}  // namespace marconi::storage::embedded
