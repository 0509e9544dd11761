#include "storage/mongodb/shared.h"

namespace marconi::storage::mongodb {

namespace {

Document either_of(const Document& one, const Document& other) {
  Array either;
  either.append(one);
  either.append(other);
  return {{"$or", either}};
}

}  // namespace

Document alive(std::string_view scope, Moment now) {
  return {{"p_q", scope}, {"tx", nullptr}, where("e", "$gt", now.date())};
}

void add_conditions(Document& filter, Moment now, bool unclaimed, bool undelayed) {
  Array all;
  if (unclaimed) {
    all.append(either_of({{"c.id", nullptr}}, {where("c.e", "$lte", now.second())}));
  }
  if (undelayed) {
    all.append(either_of({where("d", "$lte", now.second())}, {where("d", "$exists", false)}));
  }
  if (unclaimed || undelayed) filter.append({"$and", all});
}

void add_claimed_by(Document& filter, const ObjectId& claim, Moment now) {
  filter.append({"c.id", claim});
  filter.append(where("c.e", "$gt", now.second()));
}

Array object_ids(std::span<const MessageId> ids) {
  Array found;
  for (const auto& id : ids) {
    if (const auto read = ObjectId::from(id.text)) found.append(*read);
  }
  return found;
}

}  // namespace marconi::storage::mongodb
