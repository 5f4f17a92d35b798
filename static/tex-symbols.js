// What the commands of TeX stand for that are one character, or a name.

/** @param {string} pairs names and characters in turn */
const table = (pairs) => {
  const words = pairs.trim().split(/\s+/);
  return new Map(words.flatMap((name, at) => (at % 2 === 0 ? [[name, words[at + 1]]] : [])));
};

/** Letters: they lie as variables do. */
export const letters = table(`alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ lambda λ mu μ nu ν xi ξ
  omicron ο pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi ϕ varphi φ chi χ psi ψ omega ω hbar ℏ ell ℓ imath ı jmath ȷ wp ℘ partial ∂ digamma ϝ`);

/** Letters and signs that stand upright. */
export const upright = table(`Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω infty ∞ emptyset ∅ varnothing ∅ nabla ∇ Re ℜ Im ℑ aleph ℵ
  beth ℶ angle ∠ measuredangle ∡ triangle △ square □ Box □ blacksquare ■ bigstar ★ degree ° top ⊤ bot ⊥ dagger † ddagger ‡ S § P ¶ copyright © pounds £ euro € yen ¥ checkmark ✓
  ldots … dots … dotsc … cdots ⋯ dotsb ⋯ vdots ⋮ ddots ⋱ # # $ $ % % & & _ _ clubsuit ♣ diamondsuit ♢ heartsuit ♡ spadesuit ♠ flat ♭ natural ♮ sharp ♯`);

/** Operators, relations and arrows. */
export const operators = table(`pm ± mp ∓ times × div ÷ cdot ⋅ ast ∗ star ⋆ circ ∘ bullet ∙ oplus ⊕ ominus ⊖ otimes ⊗ oslash ⊘ odot ⊙ wedge ∧ land ∧ vee ∨ lor ∨ cap ∩ cup ∪ setminus ∖ smallsetminus ∖
  le ≤ leq ≤ leqslant ⩽ ge ≥ geq ≥ geqslant ⩾ ne ≠ neq ≠ equiv ≡ approx ≈ cong ≅ simeq ≃ sim ∼ propto ∝ ll ≪ gg ≫ asymp ≍ doteq ≐ prec ≺ succ ≻ preceq ⪯ succeq ⪰ lt < gt > lesssim ≲ gtrsim ≳ triangleq ≜ coloneqq ≔
  in ∈ notin ∉ ni ∋ subset ⊂ supset ⊃ subseteq ⊆ supseteq ⊇ subsetneq ⊊ supsetneq ⊋ sqsubseteq ⊑ mid ∣ nmid ∤ parallel ∥ perp ⟂ models ⊨ vdash ⊢ dashv ⊣ vDash ⊨ Vdash ⊩
  to → rightarrow → leftarrow ← gets ← leftrightarrow ↔ Rightarrow ⇒ Leftarrow ⇐ Leftrightarrow ⇔ implies ⟹ impliedby ⟸ iff ⟺ mapsto ↦ longmapsto ⟼ longrightarrow ⟶ longleftarrow ⟵ Longrightarrow ⟹
  uparrow ↑ downarrow ↓ Uparrow ⇑ Downarrow ⇓ updownarrow ↕ nearrow ↗ searrow ↘ swarrow ↙ nwarrow ↖ hookrightarrow ↪ rightharpoonup ⇀ rightleftharpoons ⇌ leadsto ⇝
  forall ∀ exists ∃ nexists ∄ neg ¬ lnot ¬ therefore ∴ because ∵ colon : prime ′ backslash \\ amalg ⨿ ltimes ⋉ rtimes ⋊ bowtie ⋈ diamond ⋄ triangleleft ◃ triangleright ▹ dagger † ddots ⋱`);

/** Operators that take what they range over below and above them. */
export const large = table('sum ∑ prod ∏ coprod ∐ bigcup ⋃ bigcap ⋂ bigvee ⋁ bigwedge ⋀ bigoplus ⨁ bigotimes ⨂ bigodot ⨀ biguplus ⨄ bigsqcup ⨆');

export const integrals = table('int ∫ iint ∬ iiint ∭ oint ∮ oiint ∯');

/** What stands at both ends, and grows between `\\left` and `\\right`. */
export const fences = table(`( ( ) ) [ [ ] ] { { } } | | . . / / < ⟨ > ⟩ langle ⟨ rangle ⟩ lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ lbrace { rbrace } lbrack [ rbrack ] lvert | rvert | vert | Vert ‖ lVert ‖ rVert ‖
  || ‖ uparrow ↑ downarrow ↓ lgroup ⟮ rgroup ⟯ backslash \\ ulcorner ⌜ urcorner ⌝`);

export const accents = table('hat ^ widehat ^ bar ¯ overline ¯ vec → overrightarrow → overleftarrow ← tilde ~ widetilde ~ dot ˙ ddot ¨ dddot ⃛ check ˇ breve ˘ acute ´ grave ` mathring ˚ overbrace ⏞ overleftrightarrow ↔');

export const below = table('underline _ underbrace ⏟');

/** Names of functions; those of the second list take what they range over below them. */
export const functions = new Set('sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh coth log ln lg exp deg dim ker hom arg'.split(' '));
export const ranging = new Set('lim limsup liminf max min sup inf det gcd Pr argmax argmin'.split(' '));

/** Spaces, in em. */
export const spaces = table(`, 0.167 : 0.222 > 0.222 ; 0.278 ! -0.167 quad 1 qquad 2 enspace 0.5 thinspace 0.167 medspace 0.222 thickspace 0.278 negthinspace -0.167`);

/** What changes nothing here. */
export const passed = new Set('displaystyle textstyle scriptstyle nonumber notag limits nolimits allowbreak relax'.split(' '));

/** Alphabets: where their capital, small and first digit stand in Unicode. @type {Map<string, (number | undefined)[]>} */
export const alphabets = new Map(Object.entries({
  mathbf: [0x1d400, 0x1d41a, 0x1d7ce], boldsymbol: [0x1d468, 0x1d482, 0x1d7ce], bm: [0x1d468, 0x1d482, 0x1d7ce], mathbb: [0x1d538, 0x1d552, 0x1d7d8], mathcal: [0x1d49c, 0x1d4b6], mathscr: [0x1d49c, 0x1d4b6],
  mathfrak: [0x1d504, 0x1d51e], mathsf: [0x1d5a0, 0x1d5ba, 0x1d7e2], mathtt: [0x1d670, 0x1d68a, 0x1d7f6], mathit: [0x1d434, 0x1d44e], mathrm: [], mathnormal: [],
}));

/** Characters that stand elsewhere, for historical reasons, by the place where they would be. */
export const elsewhere = new Map([...'ℂ1d53a ℍ1d53f ℕ1d545 ℙ1d547 ℚ1d548 ℝ1d549 ℤ1d551 ℬ1d49d ℰ1d4a0 ℱ1d4a1 ℋ1d4a3 ℐ1d4a4 ℒ1d4a7 ℳ1d4a8 ℛ1d4ad ℯ1d4ba ℊ1d4bc ℴ1d4c4 ℭ1d506 ℌ1d50b ℑ1d50c ℜ1d515 ℨ1d51d ℎ1d455'.matchAll(/(\S)([\da-f]+)/g)].map(([, character, code]) => [parseInt(code, 16), character]));
