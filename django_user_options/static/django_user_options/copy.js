// Without a secure context, browsers have no clipboard, and the buttons stay hidden.
if (navigator.clipboard) {
    for (const button of document.querySelectorAll("[data-copy]")) {
        button.hidden = false;
        button.addEventListener("click", async () => {
            await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
            button.classList.add("uo-success");
        });
    }
}
