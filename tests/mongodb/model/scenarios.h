// What the tests of the models share: scenarios with names, and what is to come of exploring them.
#pragma once

#include <gtest/gtest.h>

#include <iostream>
#include <ostream>
#include <string>

#include "mongodb/model/explorer.h"

namespace marconi::mongodb::model {

/// A scenario and what gtest shows of it.
template <class Scenario>
struct NamedScenario {
  std::string name;
  Scenario scenario;

  friend void PrintTo(const NamedScenario& named, std::ostream* out) { *out << named.name; }
};

template <class Scenario>
std::string name_of_test(const testing::TestParamInfo<NamedScenario<Scenario>>& info) {
  return info.param.name;
}

/// Nothing goes wrong in any course of events.
template <class Model>
void expect_no_violation(const Model& model) {
  const Exploration explored = explore(model);
  EXPECT_EQ(explored.violation, "") << listing(explored);
  std::cout << explored.states << " states\n";
  testing::Test::RecordProperty("states", std::to_string(explored.states));
}

/// Something goes wrong in one.
template <class Model>
void expect_violation(const Model& model) {
  const Exploration explored = explore(model);
  EXPECT_NE(explored.violation, "") << "nothing went wrong in " << explored.states << " states";
  std::cout << explored.states << " states to: " << listing(explored) << "\n";
}

}  // namespace marconi::mongodb::model
