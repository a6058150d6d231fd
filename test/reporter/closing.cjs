// mocha's spec reporter, and a last line with the counts alone, as CI reads it. Skipped tests are named with the
// reason, if any.

const { reporters, Runner } = require("mocha");

class Closing extends reporters.Spec {
	constructor(runner, options) {
		super(runner, options);
		runner.once(Runner.constants.EVENT_RUN_END, () => {
			const { passes, failures, pending } = this.stats;
			// After what the base class prints at the same event.
			setImmediate(() => console.log(`${passes} passed, ${failures} failed, ${pending} skipped`));
		});
	}
	done(failures, callback) {
		setImmediate(() => callback(failures));
	}
}

module.exports = Closing;
