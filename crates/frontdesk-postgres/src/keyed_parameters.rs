use crate::key_lookup::KeyPlaces;
use crate::parameters::Parameter;

/// The parameters of a statement that uses idempotency keys.
#[derive(Debug)]
pub(crate) struct KeyedParameters<'a> {
    /// The parameters for [`KeyPlaces::Messages`], and then the keys.
    all: Vec<Parameter<'a>>,
    /// The number of parameters without the keys.
    without_keys: usize,
}

impl<'a> KeyedParameters<'a> {
    /// Takes the parameters for [`KeyPlaces::Messages`]. The keys are a key, an array of keys, or
    /// `None` if the change has no key. A commit of a new id does not use this parameter, which is
    /// valid because the types of all parameters are sent.
    pub(crate) fn new(parameters: Vec<Parameter<'a>>, keys: Option<Parameter<'a>>) -> Self {
        let (without_keys, mut all) = (parameters.len(), parameters);
        all.extend(keys);
        Self { all, without_keys }
    }

    /// Returns the parameters of the statement for the places of the keys.
    pub(crate) fn for_places(&self, places: KeyPlaces) -> &[Parameter<'a>] {
        match places {
            KeyPlaces::Messages => &self.all[..self.without_keys],
            KeyPlaces::MessagesAndTable => &self.all,
        }
    }
}
