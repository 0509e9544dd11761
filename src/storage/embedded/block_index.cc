#include "storage/embedded/block_index.h"

#include <algorithm>

namespace marconi::storage::embedded {

namespace {

auto lower_bound_of(std::vector<Block>& blocks, BlockNumber number) {
  return std::ranges::lower_bound(blocks, number, {}, &Block::number);
}

}  // namespace

ScanMemo& Block::memo_of(const Wanted& wanted) {
  if (wanted.skip_claimed) return wanted.skip_delayed ? record.claimable : record.unclaimed;
  return wanted.skip_delayed ? undelayed : present;
}

Block& BlockIndex::at(BlockNumber number) {
  auto& group = groups_[number / kGroupSize];
  auto place = lower_bound_of(group.blocks, number);
  if (place == group.blocks.end() || place->number != number) {
    Block block;
    block.number = number;
    place = group.blocks.insert(place, std::move(block));
    ++size_;
    group.summary.reset();
  }
  return *place;
}

Block* BlockIndex::find(BlockNumber number) {
  const auto group = groups_.find(number / kGroupSize);
  if (group == groups_.end()) return nullptr;
  const auto place = lower_bound_of(group->second.blocks, number);
  return place != group->second.blocks.end() && place->number == number ? &*place : nullptr;
}

void BlockIndex::touched(BlockNumber number) {
  if (const auto group = groups_.find(number / kGroupSize); group != groups_.end()) {
    group->second.summary.reset();
  }
}

void BlockIndex::erase(BlockNumber number) {
  const auto group = groups_.find(number / kGroupSize);
  if (group == groups_.end()) return;
  const auto place = lower_bound_of(group->second.blocks, number);
  if (place == group->second.blocks.end() || place->number != number) return;
  group->second.blocks.erase(place);
  --size_;
  group->second.summary.reset();
  if (group->second.blocks.empty()) groups_.erase(group);
}

void BlockIndex::clear() {
  groups_.clear();
  size_ = 0;
}

bool BlockIndex::has_marks() const {
  return std::ranges::any_of(groups_, [](const auto& entry) {
    return std::ranges::any_of(entry.second.blocks,
                               [](const Block& block) { return block.record.marked > 0; });
  });
}

std::optional<BlockNumber> BlockIndex::first() const {
  if (groups_.empty()) return std::nullopt;
  return groups_.begin()->second.blocks.front().number;
}

BlockIndex::Summary BlockIndex::summary_of(const Block& block) {
  return {.latest_expiry = block.record.latest_expiry,
          .sole_client = block.record.sole_client,
          .undelayed_from = block.ruled_out_until(block.undelayed),
          .unclaimed_from = block.ruled_out_until(block.record.unclaimed),
          .claimable_from = block.ruled_out_until(block.record.claimable),
          .changed = block.changed};
}

void BlockIndex::merge(Summary& into, const Summary& other) {
  into.latest_expiry = std::max(into.latest_expiry, other.latest_expiry);
  if (into.sole_client != other.sole_client) into.sole_client.reset();
  into.undelayed_from = std::min(into.undelayed_from, other.undelayed_from);
  into.unclaimed_from = std::min(into.unclaimed_from, other.unclaimed_from);
  into.claimable_from = std::min(into.claimable_from, other.claimable_from);
  into.changed = std::max(into.changed, other.changed);
}

const BlockIndex::Summary& BlockIndex::summary_of(Group& group) {
  if (!group.summary) {
    auto summary = summary_of(group.blocks.front());
    for (const auto& block : group.blocks) merge(summary, summary_of(block));
    group.summary = summary;
  }
  return *group.summary;
}

bool BlockIndex::may_hold(const Summary& summary, const Wanted& wanted) {
  if (summary.latest_expiry <= wanted.now) return false;
  if (wanted.hidden_client && summary.sole_client == wanted.hidden_client) return false;
  if (wanted.skip_claimed) {
    return wanted.now >= (wanted.skip_delayed ? summary.claimable_from : summary.unclaimed_from);
  }
  return !wanted.skip_delayed || wanted.now >= summary.undelayed_from;
}

Block* BlockIndex::next(BlockNumber from, const Wanted& wanted, base::CommitTicket& rests_on) {
  for (auto entry = groups_.lower_bound(from / kGroupSize); entry != groups_.end(); ++entry) {
    auto& group = entry->second;
    const auto& summary = summary_of(group);
    if (!may_hold(summary, wanted)) {
      rests_on = std::max(rests_on, summary.changed);
      continue;
    }
    for (auto block = lower_bound_of(group.blocks, from); block != group.blocks.end(); ++block) {
      if (may_hold(summary_of(*block), wanted)) return &*block;
      rests_on = std::max(rests_on, block->changed);
    }
  }
  return nullptr;
}

Block* BlockIndex::previous(BlockNumber end, UtcSeconds now) {
  for (auto entry = groups_.upper_bound(end / kGroupSize); entry != groups_.begin();) {
    --entry;
    auto& blocks = entry->second.blocks;
    for (auto block = lower_bound_of(blocks, end); block != blocks.begin();) {
      --block;
      if (block->record.latest_expiry > now) return &*block;
    }
  }
  return nullptr;
}

}  // namespace marconi::storage::embedded
