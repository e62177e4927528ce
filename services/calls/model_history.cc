// What devices had loaded when.
#include "services/calls/model_device.h"

namespace moerge {

void ModelTurns::Device::AddHistory(std::vector<PastSpell>* history) const {
  const Lock lock(mutex_);
  for (ResidencyPlan::Spell& spell : plan_.Spells()) {
    const Known& known = known_.at(spell.model);
    for (std::string& model : spell.load.evicted) model = known_.at(model).model;
    spell.model = spell.load.loaded = known.model;
    history->push_back({name_, known.backend->name, std::move(spell)});
  }
}

}  // namespace moerge
