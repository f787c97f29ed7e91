// What both versions show: a theme and a counter, kept for each user.
const TEXTS = {
  en: { light: 'Light', dark: 'Dark', more: 'Add one', kept: 'Reload the page: the theme and the count stay.' },
  ru: { light: 'Светлая', dark: 'Тёмная', more: 'Прибавить единицу', kept: 'Обновите страницу: тема и счёт сохранятся.' },
}

function showNotes(place, { language, read, write }) {
  const texts = TEXTS[language] ?? TEXTS.en
  const counter = document.createElement('output')
  const kept = Object.assign(document.createElement('p'), { textContent: texts.kept })

  function button(text, onclick) {
    return Object.assign(document.createElement('button'), { textContent: text, onclick })
  }

  function setTheme(theme) {
    document.documentElement.dataset.theme = theme
  }

  function choose(theme) {
    return button(texts[theme], () => {
      setTheme(theme)
      write('theme', theme)
    })
  }

  function countOneMore() {
    counter.value = Number(counter.value) + 1
    write('counter', Number(counter.value))
  }

  document.documentElement.lang = language
  setTheme(read('theme') ?? 'light')
  counter.value = read('counter') ?? 0
  place.replaceChildren(
    choose('light'), choose('dark'), button(texts.more, countOneMore), counter, kept,
  )
}
