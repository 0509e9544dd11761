#include <algorithm>
#include <bit>

#include "mongodb/model/hosts.h"
namespace marconi::mongodb::model {
namespace {

constexpr Byte kEverything = 0xFF;

/// The entry of the index after which a page begins.
Byte start_of_scan(const Reader& reader) {
  return static_cast<Byte>(reader.marker * kDocuments + kDocuments - 1);
}

}  // namespace

int Hosts::take(Documents& documents, bool first) {
  const int taken = first ? std::countr_zero(documents) : 7 - std::countl_zero(documents);
  documents &= static_cast<Documents>(~(1U << taken));
  return taken;
}

// ---- Helping -----------------------------------------------------------------------------------

Helping Hosts::helping_of_counter() const { return {.tags = state_.counter.p}; }

Byte Hosts::help(Helping& helping) {
  const Byte tag = helping.tags[0];
  if (!helping.listed) {
    helping.listed = 1;
    helping.documents = database_.with_tag(tag);
    if (!keeps(Protection::pull_after_publishing)) {
      database_.pull(tag);
    }
    return kNoDocument;
  }
  if (helping.documents != 0) {
    const int document = take(helping.documents, keeps(Protection::publish_ascending));
    database_.publish(document, tag);
    return static_cast<Byte>(document);
  }
  database_.pull(tag);
  std::shift_left(helping.tags.begin(), helping.tags.end(), 1);
  helping.tags.back() = 0;
  helping.listed = 0;
  return kNoDocument;
}

// ---- Reading -----------------------------------------------------------------------------------

Byte Hosts::read(Reader& reader) {
  switch (reader.step) {
    case ReadStep::read_counter:
      reader.v = keeps(Protection::scan_below_counter) ? state_.counter.v : kEverything;
      if (keeps(Protection::reader_helps)) {
        reader.helping = helping_of_counter();
      }
      reader.position = start_of_scan(reader);
      reader.step = reader.helping.tags[0] != 0 ? ReadStep::help : ReadStep::scan;
      return kNoDocument;
    case ReadStep::help: {
      const Byte document = help(reader.helping);
      if (reader.helping.tags[0] == 0) {
        reader.step = ReadStep::scan;
      }
      return document;
    }
    case ReadStep::scan:
      return scan(reader);
    case ReadStep::count_letter:
      count_letter(reader);
      return kLetter;
  }
  return kNoDocument;
}

Byte Hosts::scan(Reader& reader) {
  const int document = database_.next_entry(reader.position, reader.v);
  if (document < 0) {
    const bool is_left = scenario_.letter >= reader.v && database_.stored(kLetter);
    if (is_left) {
      reader.step = ReadStep::count_letter;
    } else {
      end_page(reader);
    }
    return kNoDocument;
  }
  reader.position = database_.position_of(document);
  if (database_.visible(document)) {
    hand_out(reader, document);
  }
  return static_cast<Byte>(document);
}

// What was scanned so far has been handed out; what is beyond the old counter is read next.
void Hosts::count_letter(Reader& reader) {
  database_.raise(static_cast<Byte>(scenario_.letter + 1));
  end_page(reader);
  if (!keeps(Protection::reads_what_it_moved)) {
    reader.v = static_cast<Byte>(scenario_.letter + 1);
    reader.position = start_of_scan(reader);
    reader.step = ReadStep::scan;
  }
}

void Hosts::hand_out(Reader& reader, int document) {
  const auto bit = static_cast<Documents>(1U << document);
  if ((reader.returned & bit) != 0) {
    state_.broken = Property::once;
  }
  reader.returned |= bit;
  reader.marker = state_.documents[document].k;
}

Byte Hosts::read_plainly(Reader& reader) {
  int document = -1;
  for (Byte position = start_of_scan(reader);
       (document = database_.next_entry(position, kEverything)) >= 0;
       position = database_.position_of(document)) {
    if (database_.visible(document)) {
      hand_out(reader, document);
      return static_cast<Byte>(document);
    }
  }
  return kNoDocument;
}

void Hosts::end_page(Reader& reader) {
  reader = {.marker = reader.marker, .returned = reader.returned};
}

Byte Hosts::sweep() {
  Reader& sweeper = state_.sweeper;
  if (sweeper.step == ReadStep::read_counter) {
    sweeper.helping = helping_of_counter();
    sweeper.step = ReadStep::help;
    return kNoDocument;
  }
  const Byte document = help(sweeper.helping);
  if (sweeper.helping.tags[0] == 0) {
    sweeper = {};
  }
  return document;
}

// ---- Removing the queue ------------------------------------------------------------------------

Byte Hosts::remove_queue() {
  Removal& removal = state_.removal;
  switch (removal.step) {
    case RemovalStep::read_counter:
      removal = {RemovalStep::purge, state_.counter.v};
      break;
    case RemovalStep::purge: {
      const int document = database_.next_entry(0, removal.v);
      if (document >= 0) {
        database_.remove(document);
        return static_cast<Byte>(document);
      }
      removal.step = RemovalStep::remove_counter;
      break;
    }
    case RemovalStep::remove_counter:
      if (keeps(Protection::removal_names_value) && state_.counter.v != removal.v) {
        removal = {};
      } else {
        removal = {.step = RemovalStep::finished};
        state_.counter = {};
      }
      break;
    case RemovalStep::finished:
      break;
  }
  return kNoDocument;
}

}  // namespace marconi::mongodb::model
