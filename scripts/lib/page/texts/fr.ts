/** The page in French. @module */
import { label } from "../../report/text.ts";
import type { Texts } from "./texts.ts";

/** The texts. */
export const fr: Texts = {
  name: "Français",
  locale: "fr",
  title: "Le labo Hugo",
  subtitle: "Comprendre GPT-2 en l’entraînant ici, une pièce après l’autre.",
  privacy: "Tout est calculé dans cet onglet : aucun texte ne quitte votre ordinateur.",
  stagesLabel: "Étapes",
  languageLabel: "Langue",
  stages: {
    bigram: {
      title: "Bigramme",
      adds: [
        "Le modèle de langue le plus simple : le caractère suivant ne dépend que du caractère " +
        "courant. Le modèle est une table, avec une ligne par caractère et, dans chaque ligne, un " +
        "score pour chaque caractère qui peut suivre.",
        "Un softmax change une ligne de scores en probabilités ; l’entraînement déplace les scores " +
        "jusqu’à rendre probables les caractères qui suivent vraiment. La perte est la moyenne de " +
        "−log de la probabilité qu’avait le bon caractère.",
      ],
      notice: [
        "Au début, la perte dépasse un peu celle du hasard pur, car la table est aléatoire.",
        "Après l’entraînement, la table ressemble à ce que donne le simple comptage des paires : " +
        "comparez-les plus haut.",
        "Le texte a les lettres du français, mais pas de mots : le modèle oublie tout sauf un caractère.",
      ],
      question:
        "Quelle perte aurait un modèle pour qui tous les caractères se valent ? Qu’a-t-il appris ?",
      answer: ({ guess, first, val, step }) =>
        `Le hasard pur coûte le logarithme du nombre de caractères, ${guess}. La table aléatoire ` +
        `partait de ${first} ; à l’itération ${step}, la perte de validation est ${val} : le modèle ` +
        "sait quel caractère suit lequel, et rien de plus.",
    },
    single_head: {
      title: "Une tête d’attention",
      adds: [
        "Le modèle regarde maintenant en arrière. Chaque position émet une requête, ce qu’elle " +
        "cherche, et chaque position d’avant a une clé, ce qu’elle offre. Leur produit, réduit puis " +
        "passé dans un softmax, dit quelle part de la valeur de chaque position est reprise.",
        "Le futur est masqué : une position ne voit qu’elle-même et ce qui précède. Une seconde " +
        "table dit au modèle où se trouve un caractère.",
      ],
      notice: [
        "L’image de la tête est un triangle : la moitié supérieure est le futur masqué. Chaque " +
        "ligne a pour somme 1.",
        "Les mots prennent la longueur de mots français, avec espaces et apostrophes à leur place.",
        "La perte de validation finit au-dessus de celle d’entraînement : le dernier dixième du texte " +
        "ne ressemble pas au reste.",
      ],
      question:
        "Quelles sont les pertes d’entraînement et de validation ? Le texte est-il meilleur que " +
        "celui du bigramme ?",
      answer: ({ train, val, step, parameters }) =>
        `À l’itération ${step}, ce modèle a une perte de ${train} sur la partie d’entraînement et de ` +
        `${val} sur la validation, avec ${parameters} paramètres. Huit caractères de contexte ` +
        "donnent des syllabes et des fins de vers ; le sens en demanderait davantage.",
    },
    multi_head: {
      title: "Plusieurs têtes",
      adds: [
        "Une tête n’a qu’une façon de regarder. Ici, plusieurs petites regardent en même temps : " +
        "l’une peut trouver la dernière voyelle, l’autre le début du mot. Ce qu’elles rapportent est " +
        "mis bout à bout, et une couche linéaire, la projection, le mélange.",
        "Quatre têtes de 8 nombres ont autant de poids qu’une de 32 ; seule la projection s’ajoute.",
      ],
      notice: [
        "Les têtes diffèrent : comparez leurs images pour un même début de texte.",
        "La perte descend plus vite qu’avec une tête et finit plus bas, pour mille paramètres de plus.",
      ],
      question:
        "Combien de paramètres, et quelles pertes ? Qu’apportent plusieurs têtes à taille égale ?",
      answer: ({ parameters, train, val, step, notebook }) =>
        `${parameters} paramètres ; à l’itération ${step}, les pertes sont ${train} et ${val}` +
        (notebook ? ` (celle du notebook finit à ${notebook} en validation)` : "") +
        ". Plusieurs petits regards et leur mélange valent mieux qu’un seul grand.",
    },
    feed_forward: {
      title: "Calcul",
      adds: [
        "L’attention ne fait que réunir : sa sortie est un mélange de valeurs. La couche de calcul " +
        "laisse chaque position réfléchir à ce qu’elle a réuni : une couche linéaire, puis ReLU, qui " +
        "coupe ce qui est négatif.",
        "Elle agit sur chaque position séparément, avec les mêmes poids pour toutes.",
      ],
      notice: [
        "ReLU est la première pièce qui n’est pas lisse : à partir d’ici, l’arrondi du dernier " +
        "chiffre grandit, et les valeurs s’écartent du notebook après quelques centaines d’itérations.",
        "Le gain sur les têtes seules est petit ici ; les modèles profonds en vivent.",
      ],
      question: "Que change la couche qui suit l’attention, en paramètres et en pertes ?",
      answer: ({ parameters, train, val, step }) =>
        `Il y a ${parameters} paramètres, 1056 de plus qu’avec les têtes seules aux tailles du labo. ` +
        `À l’itération ${step}, les pertes sont ${train} et ${val}.`,
    },
    blocks: {
      title: "Trois blocs",
      adds: [
        "L’attention et le calcul forment un bloc, et les blocs s’empilent : le deuxième regarde ce " +
        "que le premier a fait du texte. Un modèle de langue profond n’est rien d’autre.",
        "Empilés tels quels, ils font traverser au signal et à son gradient beaucoup de couches, et " +
        "l’entraînement devient lent.",
      ],
      notice: [
        "Il a plus du double des paramètres de l’étape d’avant, et sa perte est plus haute.",
        "La courbe est d’abord plate : le gradient atteint à peine le premier bloc.",
      ],
      question:
        "Pourquoi un modèle plus profond est-il ici moins bon qu’un seul bloc, à itérations égales ?",
      answer: ({ parameters, val, step, first }) =>
        `Avec ${parameters} paramètres, la perte de validation va de ${first} à ${val} à l’itération ` +
        `${step}. Le modèle n’a rien de faux : il apprend lentement, car chaque couche est sur le ` +
        "chemin du gradient. L’étape suivante lui ouvre un passage.",
    },
    blocks_norm: {
      title: "Raccourcis et norme",
      adds: [
        "Trois choses rendent la profondeur utile. Les raccourcis ajoutent l’entrée d’une pièce à sa " +
        "sortie : le gradient passe librement. LayerNorm ramène les nombres de chaque position à une " +
        "moyenne de 0 et une variance de 1. Le dropout met des nombres à zéro au hasard pendant " +
        "l’entraînement : le modèle ne peut compter sur aucun d’eux.",
        "Ce sont les blocs de GPT-2.",
      ],
      notice: [
        "Le début plat a disparu : comparez les 500 premières itérations avec celles des trois blocs nus.",
        "Avec le dropout, la perte de validation peut être sous celle des lots, qui est mesurée avec lui.",
      ],
      question: "Que changent les raccourcis, LayerNorm et le dropout dans les pertes ?",
      answer: ({ parameters, train, val, gap, step }) =>
        `À l’itération ${step}, les pertes sont ${train} et ${val}, un écart de ${gap}, avec ` +
        `${parameters} paramètres : quelques centaines de plus que les blocs nus, et bien plus bas. ` +
        "La même profondeur est maintenant payante.",
    },
    gpt: {
      title: "Un petit GPT",
      adds: [
        "Les mêmes blocs, en plus grand : 96 nombres par position, un contexte de 64 caractères, et " +
        "une couche de calcul quatre fois plus large à l’intérieur, avec GELU, un ReLU lisse. GPT-2 " +
        "a douze blocs, 768 nombres et 1024 tokens, et n’est pas construit autrement.",
        "Le taux d’apprentissage monte pendant 50 itérations, puis descend selon un cosinus. Il " +
        "s’entraîne en quelques minutes sur un cœur : laissez-le tourner et regardez le texte.",
      ],
      notice: [
        "Les mots viennent d’abord, puis des lignes qui ressemblent à des vers : 64 caractères " +
        "couvrent une ligne.",
        "Baissez la température : le texte devient sage et se répète ; montez-la : il devient fou.",
      ],
      question: "Qu’y a-t-il entre ce modèle et GPT-2 ?",
      answer: ({ parameters, val, step }) =>
        `La taille et le texte. Celui-ci a ${parameters} paramètres et, à l’itération ${step}, une perte ` +
        `de validation de ${val} sur un seul livre, par caractères. GPT-2 a jusqu’à 1,5 milliard de ` +
        "paramètres, des morceaux de mots au lieu de caractères, et 40 Go de texte ; ses classes sont " +
        "celles de cette page.",
    },
  },
  fields: {
    seed: "Graine",
    iters: "Itérations",
    batchSize: "Lot",
    blockSize: "Bloc (contexte)",
    nEmbd: "Largeur",
    nHead: "Têtes",
    nLayer: "Couches",
    dropout: "Dropout",
    learningRate: "Taux d’apprentissage",
  },
  panel: {
    title: "L’entraîner",
    train: "Entraîner",
    pause: "Pause",
    step: "Une itération",
    restart: "Recommencer",
    settings: "Réglages",
    defaults: "Les réglages du labo",
    status: {
      loading: "Chargement …",
      paused: "En pause",
      running: "Entraînement en cours",
      finished: "Entraîné jusqu’au bout",
      file: "Les poids d’un fichier : à regarder, pas à entraîner",
    },
    resumed: "repris là où il en était",
    hidden: "Il continue quand cet onglet est à l’arrière-plan ; le texte, lui, attend.",
    iteration: (done, all) => `itération ${done} sur ${all}`,
    parameters: (count) => `${count} paramètres`,
    progress: "Itérations faites",
  },
  curve: {
    title: "La perte qui descend",
    iteration: "itération",
    loss: "perte (nats)",
    train: "entraînement",
    validation: "validation",
    batches: "lots",
    notebookTrain: "notebook, entraînement",
    notebookValidation: "notebook, validation",
    nothing: "La courbe commence avec la première évaluation : appuyez sur Entraîner.",
    describe: (name, from, to) => `${name} va de ${from} à ${to}`,
    table: "Chaque évaluation",
    tableBeside: "Chaque évaluation, à côté du notebook",
    notHugo:
      "La courbe du notebook est celle du texte de Hugo et des réglages du labo : ici, elle est omise.",
  },
  writing: {
    title: "Ce qu’il écrit maintenant",
    live: "Écrit par le modèle tel qu’il est ; le début du texte vient d’abord.",
    final: "L’échantillon de la tâche, par le générateur de l’entraînement",
    prompt: "Début du texte",
    temperature: "Température",
    temperatureNote: "0 prend le plus probable ; au-dessus de 1, l’improbable le devient moins",
    topK: "Top-k",
    all: "tous",
    again: "Écrire encore",
  },
  inside: {
    title: "Regarder dedans",
    note:
      "Ce que le modèle fait du début de texte ci-dessus, de ses 16 derniers caractères au plus.",
    next: "Le caractère suivant",
    heads: "Ce que regarde chaque tête",
    head: (block, head) => block === undefined ? `tête ${head}` : `bloc ${block}, tête ${head}`,
    row: "caractère",
    column: "regarde",
    keys: "Pointez une case, ou utilisez les flèches du clavier.",
    value: (row, column, value) => `${row} regarde ${column} : ${value}`,
    pairs: "La table : qui suit qui",
    learned: "Apprise par l’entraînement",
    counted: "Comptée dans le texte",
    pairsNote:
      "Les 24 caractères les plus fréquents ; la pleine couleur veut dire une fois sur deux ou plus. " +
      "Compter donne d’un coup ce dont l’entraînement s’approche.",
    pairRow: "caractère",
    pairColumn: "ce qui le suit",
  },
  parts: "Comment il est fait",
  architecture: "Ses pièces, avec leurs formes",
  source: "La classe elle-même",
  sourceNote: (file) => `Tirée de ${file} : le code même qui s’entraîne ici.`,
  noticeTitle: "À remarquer",
  questionTitle: "La question du labo",
  answerTitle: "La réponse, par cet entraînement",
  answerLater: "Entraînez d’abord : la réponse utilise les chiffres de cet entraînement.",
  data: {
    title: "Texte et fichiers",
    text: "Texte à apprendre",
    choices: {
      page: (name) => name === "hugo_contemplations" ? "Hugo, Les Contemplations" : name,
      practice: "le texte d’exercice (court)",
      own: (name) => `votre fichier : ${name}`,
    },
    drop:
      "Déposez ici un fichier texte, ou un fichier .safetensors du labo ; ou choisissez-en un :",
    save: "Enregistrer",
    saveNote: (folder) => `checkpoint.safetensors dans ${folder}/ se poursuit par : `,
    openNote: "Un checkpoint de ce texte se poursuit ici ; les poids d’une tâche se regardent.",
    opened: (name) => `${name} est ouvert`,
    keeps: "Ce navigateur garde chaque entraînement, même si vous rechargez la page.",
    keepsNot: "Ce navigateur ne garde rien pour cette page : enregistrez avant de partir.",
  },
  nextStage: (title) => `Suite : ${title}`,
  link: "Copier un lien vers ces réglages",
  copied: "Le lien est copié",
  diagram: {
    title: (name) => `${name} : l’architecture`,
    description: (boxes) => `De l’entrée à la sortie : ${boxes}`,
    blocks: (count) => `répété ${count} fois`,
    characters: "caractères",
    positions: "positions",
    scores: "scores",
    table: "table d’embedding",
    token: "embedding des caractères",
    position: "embedding des positions",
    rotary: "tournés selon leur position",
    transposed: "embedding des caractères, transposé",
    mask: "masquer le futur",
    weights: "poids",
    head: (n) => `tête ${n}`,
    heads: (count, size) => `${count} têtes\nde ${size}`,
    concatenate: "mettre bout à bout",
  },
  ofFile: (file, error) => `${file} : ${error}`,
  errors: {
    diverged: ({ iteration, learningRate }) =>
      `La perte n’est plus un nombre depuis l’itération ${number(iteration)} : essayez un taux ` +
      `d’apprentissage plus petit que ${number(learningRate)}, puis Recommencer`,
    "unknown character": ({ character, size }) =>
      `${shown(character)} n’est pas parmi les ${size} caractères du texte : ôtez-le`,
    "short part": ({ blockSize, characters }) =>
      `Le texte est trop court : un bloc de ${
        number(blockSize)
      } demande plus de caractères dans la ` +
      `partie d’entraînement et dans celle de validation, et la plus courte en a ` +
      `${number(characters)}. Choisissez un bloc plus petit ou un texte plus long`,
    "empty text": () => "Ce texte est vide : donnez-en un plus long",
    "no UTF-8 text": () =>
      "Ce n’est pas un texte en UTF-8 : enregistrez-le en UTF-8 et recommencez",
    "UTF-16 text": () => "Ce texte est en UTF-16 : enregistrez-le en UTF-8 et recommencez",
    "one character": ({ character }) =>
      `Ce texte n’a qu’un caractère, ${shown(character)} : donnez-en un d’au moins deux`,
    memory: ({ needs, has }) =>
      `Cet entraînement demande environ ${gib(needs)} Gio de mémoire, et il y en a ${gib(has)} : ` +
      "choisissez un lot, un bloc ou une largeur plus petits, ou moins de couches",
    "no safetensors": () => "Ce n’est pas un fichier safetensors, ou il est abîmé",
    "damaged file": () =>
      "Ce fichier a été modifié ou abîmé : enregistrez-le de nouveau là d’où il vient",
    "foreign file": () => "Ce fichier safetensors n’est pas un de ceux du labo",
    heads: () => "La largeur doit être un multiple du nombre de têtes",
    "no run": () =>
      "Les poids d’un fichier sont ouverts, et il n’y a pas d’entraînement : choisissez Recommencer",
    range: ({ field, low, high }) =>
      `${fr.fields[field]} : un nombre de ${number(low)} à ${number(high)}`,
    "large file": ({ limit }) => `Ce fichier est trop grand : le labo lit ${limit} Gio au plus`,
    browser: ({ message }) => `Ce navigateur ne peut pas faire tourner le labo : ${message}`,
    other: ({ message }) => message,
  },
};

const number = (n: number) => n.toLocaleString("fr", { maximumSignificantDigits: 10 });
const gib = (n: number) => n.toLocaleString("fr", { maximumFractionDigits: 1 });
const shown = (character: string) => `« ${label(character)} »`;
