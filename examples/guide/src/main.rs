//! Prints the scenario on standard output.

mod scenario;

use std::error::Error;
use std::io;

fn main() -> Result<(), Box<dyn Error>> {
    futures::executor::block_on(scenario::run(&mut io::stdout().lock()))
}
