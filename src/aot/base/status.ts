/** What step() ends with. */
export const enum Status {
	/** feed() more, or finish() */
	NEED_INPUT = 0,
	/** take the records at planAddress(), planLength() bytes, then step() again */
	PLAN = 1,
	/** the module is valid, and all of its plan has been taken */
	DONE = 2,
	/** refused: errorCode() and its companions say why */
	ERROR = 3,
	/** within the front end only: go on */
	CONTINUE = 4,
}
